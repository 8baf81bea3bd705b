// When what repeats is to be done again, once it was done.

import { DAYS, fieldsOf, type Rule } from "../calendar/rule";
import { addDays, daysBetween, fromLocal, startOfDay, startOfWeek } from "../calendar/time";

/** How far ahead a day is looked for that a month or a year has not always, in steps of the rule. */
const FARTHEST = 60;
const MONDAY = 1;

/** The next time and what is left of the rule; `null` when it was the last, `kept` for a rule that is not followed here. */
export function following(rule: Rule, start: Date): { start: Date; rule: Rule } | null | "kept" {
  const fields = fieldsOf(rule);
  if (fields.every === "kept" || fields.every === "") return "kept";
  if (rule.count !== undefined && rule.count <= 1) return null;
  const next = { daily, weekly, monthly: monthly(1), yearly: monthly(12) }[fields.every](start, fields.interval, fields.days, rule);
  const until = rule.until ? fromLocal(rule.until) : null;
  if (!next || (until && next > until)) return null;
  return { start: next, rule: rule.count === undefined ? rule : { ...rule, count: rule.count - 1 } };
}

function daily(start: Date, interval: number): Date {
  return addDays(start, interval);
}

function weekly(start: Date, interval: number, days: readonly string[], rule: Rule): Date {
  if (days.length === 0) return addDays(start, 7 * interval);
  const first = DAYS.findIndex((it) => it === (rule["firstDayOfWeek"] ?? DAYS[MONDAY]));
  const week = startOfWeek(start, first);
  const later = Array.from({ length: 7 }, (_, at) => addDays(start, at + 1)).filter((it) => days.includes(DAYS[it.getDay()] as string));
  const [next = start] = later;
  // What is not in this week is in the next one that the rule has.
  const isSameWeek = startOfWeek(next, first).getTime() === week.getTime();
  return isSameWeek ? next : addDays(next, 7 * (interval - 1));
}

/** The same day so many months later; a month without that day is passed over (RFC 5545 §3.3.10). */
function monthly(months: number): (start: Date, interval: number) => Date | null {
  return (start, interval) => {
    for (let step = 1; step <= FARTHEST; step += 1) {
      const at = new Date(start.getFullYear(), start.getMonth() + step * interval * months, start.getDate(), start.getHours(), start.getMinutes());
      if (at.getDate() === start.getDate()) return at;
    }
    return null;
  };
}

/** What is so many days after its start is so many days after another one, at its own hour. */
export function shifted(at: Date, from: Date, to: Date): Date {
  return addDays(at, daysBetween(startOfDay(from), startOfDay(to)));
}
