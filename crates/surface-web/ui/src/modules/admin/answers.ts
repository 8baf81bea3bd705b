// What `/api/admin/` answers.

export interface Person {
  login: string;
  name?: string;
  mail?: string | null;
  locked?: boolean;
}

export interface Whereabouts {
  kind: "mail" | "files";
  store: string;
  place: string;
}

export interface Account {
  login: string;
  wholeLogin: string;
  name: string;
  mails: string[];
  groups: string[];
  /** By the names of {@link FIELDS}. */
  fields: Record<string, string[]>;
  /** What may be written beside, by the directory's own names. */
  attributes: Record<string, string[]>;
  locked: boolean;
  deleted: boolean;
  administers: boolean;
  card: { version: string; texts: Record<string, string>; ends: string | null; signIns: number; lastSignIn: string | null };
  data: Whereabouts[];
}

export interface Group {
  name: string;
  description: string;
  kind: "static" | "dynamic" | "gateway";
  filter?: string | null;
}

export interface Matching {
  count: number;
  first: Person[];
}

/** What every directory has of a person; several values of those stand one a line. */
export const FIELDS = ["name", "givenName", "surname", "mails", "phone", "language", "affiliations"] as const;
export const SEVERAL: ReadonlySet<string> = new Set(["mails", "phone", "affiliations"]);
/** The texts on a card. */
export const CARD = ["owner", "customer", "country", "subscription", "state", "externalAddress", "comment"] as const;
/** What makes a group one of the gateway's own. */
export const GATEWAY = "gateway:";

/** The values in a text, one a line. */
export function lines(text: string): string[] {
  return text.split("\n").map((it) => it.trim()).filter(Boolean);
}
