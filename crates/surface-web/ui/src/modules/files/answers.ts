// What `/api/...` says of files (docs/WEB-API.md).

import type { Link } from "../../lib/share/links";

export type What = "read" | "upload" | "write" | "manage" | "other";

export interface Share {
  to: string;
  kind: "person" | "group" | "everybody";
  name: string;
  what: What;
  rights: string[];
  until: string | null;
  /** The folder above that it comes from. */
  from?: string | null;
  isSettled?: boolean;
  isOver?: boolean;
}

export interface Shares {
  kind: "file" | "folder" | null;
  shares: Share[];
  links: Link[];
  offersLinks: boolean;
  longestLinkDays: number | null;
  shortestPassword: number;
}

export interface SharedWithMe {
  places: { owner: string; ownerName: string; path: string; what: What; until: string | null }[];
  spaces: { owner: string; name: string }[];
}

export interface SharedByMe {
  places: { owner: string; path: string; state: "there" | "gone" | "unknown"; with: Share[]; links: number }[];
  more: boolean;
}

export interface Found {
  hits: { owner: string; ownerName: string; path: string; kind: "file" | "folder"; type: string | null; size: number; modified: string | null }[];
  stopped: "hits" | "size" | "time" | "unavailable" | null;
  away: string[];
}
