// When a task is, in words.

import { i18n, t } from "../../lib/i18n.svelte";
import { addDays, isSameDay } from "../calendar/time";
import { isLate, isOver, whenOf, type Placed } from "./task";

function format(at: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(i18n.language, options).format(at);
}

/** The day, and the hour where it has one; late ones say so. */
export function when(it: Placed, now: Date): string {
  const at = whenOf(it);
  if (!at) return "";
  const day = dayOf(at, now);
  const text = it.isTimed ? `${day} ${format(at, { hour: "numeric", minute: "2-digit" })}` : day;
  if (!it.due) return t("tasks-from", { day: text });
  return isLate(it, now) && !isOver(it) ? t("tasks-late-since", { day: text }) : text;
}

function dayOf(at: Date, now: Date): string {
  if (isSameDay(at, now)) return t("tasks-today");
  if (isSameDay(at, addDays(now, 1))) return t("tasks-tomorrow");
  return format(at, { day: "numeric", month: "short", ...(at.getFullYear() !== now.getFullYear() && { year: "numeric" }) });
}

/** As the head of a group. */
export const longDay = (day: Date): string => format(day, { weekday: "long", day: "numeric", month: "long" });

export const percent = (value: number): string => new Intl.NumberFormat(i18n.language, { style: "percent" }).format(value / 100);

/** `high`, `middle` or `low` (RFC 5545 §3.8.1.9); nothing where nothing is said. */
export function priorityWord(priority: number | undefined): "high" | "middle" | "low" | "" {
  if (!priority) return "";
  return priority < 5 ? "high" : priority === 5 ? "middle" : "low";
}
