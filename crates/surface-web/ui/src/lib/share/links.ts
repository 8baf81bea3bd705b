// Links to what is shared, as `/api/links` and `/api/calendars/links` tell them (docs/WEB-API.md).

import { ApiError } from "../api/client";
import { t } from "../i18n.svelte";

export interface Link {
  id: string;
  label: string;
  what: string | null;
  until: string | null;
  isOver: boolean;
  standing: "stands" | "fallen" | "unknown";
  madeBy: string;
  hasPassword: boolean;
  downloads: number;
  mostDownloads: number | null;
}

/** A link to be made. */
export interface NewLink {
  label: string;
  what: string;
  until: string | null;
  password: string | null;
  mostDownloads: number | null;
}

/** What a link can be for, with its word. */
export interface Use {
  what: string;
  word: string;
}

/** Where links are made, taken over and withdrawn. */
export interface LinkActs {
  /** Answers with the address, which is told this once. */
  make: (link: NewLink) => Promise<string>;
  take: (id: string) => Promise<void>;
  remove: (id: string) => Promise<void>;
}

/** What went wrong, in words. */
export function problemOf(error: unknown): string {
  if (error instanceof ApiError && error.title) return error.detail ? `${error.title} ${error.detail}` : error.title;
  return t("share-problem-away");
}
