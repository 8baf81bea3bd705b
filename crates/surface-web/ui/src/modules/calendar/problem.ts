// What went wrong, in words that help.

import { JmapError } from "../../lib/jmap/client";
import { t } from "../../lib/i18n.svelte";
import { Refused } from "./agenda.svelte";

const REFUSED: Record<string, string> = {
  forbidden: "calendar-problem-forbidden",
  notFound: "calendar-problem-gone",
  overQuota: "calendar-problem-full",
  tooLarge: "calendar-problem-large",
  invalidProperties: "calendar-problem-refused",
  invalidPatch: "calendar-problem-refused",
};

export function problem(error: unknown): string {
  const word = error instanceof Refused ? error.error.type : error instanceof JmapError ? error.type : "";
  return t(REFUSED[word] ?? "calendar-problem-away");
}
