// Files of calendars and contacts, in and out, by the gateway's own import and export (docs/WEB-API.md).

import { api, ApiError } from "../api/client";
import { DavError } from "../dav/client";
import { i18n, t } from "../i18n.svelte";
import { toasts } from "../toasts.svelte";
import { addressOf, Gone, type Family, type Target } from "./place";

/** Largest file that is taken, in octets. */
export const LARGEST = 32 * 1024 * 1024;

/** What becomes of what is there already. */
export const DUPLICATES = ["skip", "replace", "both"] as const;
export type Duplicates = (typeof DUPLICATES)[number];

/** What an entry can come to, as it is counted. */
export const OUTCOMES = ["new", "replaced", "same", "skipped", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Row {
  line: number;
  /** Empty where nobody has called it anything. */
  title: string;
  outcome: Exclude<Outcome, "same">;
  /** Why it failed. */
  what: string;
}

/** What came of a file, or would come. */
export type Imported = Record<Outcome, number> & { format: "icalendar" | "vcard" | "ldif" | "csv"; rows: readonly Row[]; more: boolean };

/** Brings a file in, or tells what would come of it. */
export async function bring(family: Family, to: Target, file: File, mode: "dryRun" | "write", duplicates: Duplicates): Promise<Imported> {
  return api.file<Imported>(await addressOf(family, to, "import", { mode, duplicates }), file);
}

/** The dialog that brings a file in, with its texts. */
export const importing = async () => (await Promise.all([import("./ImportDialog.svelte"), i18n.open("exchange")]))[0].default;

/** Has the browser fetch the whole collection as a file; `away` says that it cannot be asked where it is. */
export async function take(family: Family, from: Target, away: string, format?: "google" | "outlook"): Promise<void> {
  const link = document.createElement("a");
  try {
    link.href = await addressOf(family, from, "export", format ? { format } : {});
  } catch {
    toasts.show(away, { kind: "failed" });
    return;
  }
  // With it a refusal is a download that fails, and never a page in the office's place.
  link.download = "";
  link.click();
}

/** What went wrong, and of a file that cannot be read, where and why, in English. */
export function problem(error: unknown): { what: string; why: string } {
  if (error instanceof ApiError && error.kind === "invalid") return { what: t("exchange-unread"), why: error.detail };
  if (error instanceof ApiError && error.title) return { what: error.title, why: "" };
  const isGone = error instanceof Gone || (error instanceof DavError && error.status === 404);
  return { what: t(isGone ? "exchange-gone" : "exchange-away"), why: "" };
}
