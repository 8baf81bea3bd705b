// When notes were changed, or of which day they are, as one reads it.

import { i18n } from "../../lib/i18n.svelte";

/** A day (`2026-11-28`), or a moment in this browser's zone; the time of day only of today. */
export function day(text: string, now = new Date()): string {
  const isDay = text.length === 10;
  const at = new Date(isDay ? `${text}T00:00:00` : text);
  if (Number.isNaN(at.getTime())) return text;
  if (!isDay && at.toDateString() === now.toDateString()) return new Intl.DateTimeFormat(i18n.language, { timeStyle: "short" }).format(at);
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(i18n.language, { day: "numeric", month: "short", ...year }).format(at);
}
