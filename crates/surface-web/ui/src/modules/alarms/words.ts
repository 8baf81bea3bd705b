// When something is, as a reminder says it.

import { i18n, t } from "../../lib/i18n.svelte";
import { isSameDay } from "../calendar/time";
import type { Thing } from "./due";

export function whenOf({ kind, start, end, isOfDays }: Thing): string {
  const from = kind === "task" ? (end ?? start) : (start ?? end);
  if (!from) return "";
  const day: Intl.DateTimeFormatOptions = isSameDay(from, new Date()) && !isOfDays ? {} : { weekday: "long", day: "numeric", month: "long" };
  if (isOfDays) return new Intl.DateTimeFormat(i18n.language, day).format(from);
  const format = new Intl.DateTimeFormat(i18n.language, { ...day, hour: "numeric", minute: "2-digit" });
  if (kind === "task") return t("alarms-due", { time: format.format(from) });
  return end && end > from ? format.formatRange(from, end) : format.format(from);
}
