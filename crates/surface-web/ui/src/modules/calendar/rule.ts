// How something recurs (RecurrenceRule, RFC 8984 §4.3.3): as a form says it, and in words.

import { i18n, t } from "../../lib/i18n.svelte";
import { fromLocal } from "./time";

export const FREQUENCIES = ["daily", "weekly", "monthly", "yearly"] as const;
export type Frequency = (typeof FREQUENCIES)[number];
/** As JSCalendar names them; by `Date.getDay`. */
export const DAYS = ["su", "mo", "tu", "we", "th", "fr", "sa"] as const;

export interface Rule {
  frequency: string;
  interval?: number;
  byDay?: { "@type"?: string; day: string; nthOfPeriod?: number }[];
  count?: number;
  until?: string;
  [other: string]: unknown;
}

export interface Fields {
  /** Empty for once, `kept` for a rule that the form has no words for. */
  every: "" | Frequency | "kept";
  interval: number;
  /** On which days of a week, where it is by weeks; none says the one it begins at. */
  days: readonly string[];
  ends: "never" | "day" | "count";
  /** `2026-12-31` */
  until: string;
  count: number;
}

/** What the form knows of a rule. */
const KNOWN = ["@type", "frequency", "interval", "byDay", "count", "until", "firstDayOfWeek", "rscale", "skip"];

export function fieldsOf(rule: Rule | null): Fields {
  const none: Fields = { every: "", interval: 1, days: [], ends: "never", until: "", count: 10 };
  if (!rule) return none;
  const frequency = FREQUENCIES.find((it) => it === rule.frequency);
  const days = rule.byDay ?? [];
  const isPlain = Object.keys(rule).every((it) => KNOWN.includes(it)) && days.every((it) => it.nthOfPeriod === undefined);
  if (!frequency || !isPlain || (days.length > 0 && frequency !== "weekly")) return { ...none, every: "kept" };
  return {
    every: frequency,
    interval: rule.interval ?? 1,
    days: days.map((it) => it.day),
    ends: rule.until ? "day" : rule.count ? "count" : "never",
    until: rule.until?.slice(0, 10) ?? "",
    count: rule.count ?? 10,
  };
}

/** The rule that was, where nothing else is said: what another program wrote in another way stays as it is. */
export function ruleOf(fields: Fields, before: Rule | null): Rule | null {
  if (fields.every === "kept" || JSON.stringify(fieldsOf(before)) === JSON.stringify(fields)) return before;
  if (fields.every === "") return null;
  // Where only its end is another one, all else stands as another program has written it: a week begins where it did, and exceptions are its own still.
  if (before && timesIn(fieldsOf(before)) === timesIn(fields)) {
    const { count: _count, until: _until, ...rest } = before;
    return { ...rest, ...end(fields) };
  }
  const rule: Rule = { "@type": "RecurrenceRule", frequency: fields.every };
  if (fields.interval > 1) rule.interval = fields.interval;
  if (fields.every === "weekly" && fields.days.length > 0) rule.byDay = fields.days.map((day) => ({ "@type": "NDay", day }));
  return { ...rule, ...end(fields) };
}

/** What a form says without how long it goes on. */
const timesIn = ({ ends: _ends, until: _until, count: _count, ...rest }: Fields): string => JSON.stringify(rest);

function end({ ends, until, count }: Fields): Pick<Rule, "until" | "count"> {
  // The last day is one of its days (RFC 8984 §4.3.3: up to and with this time).
  if (ends === "day" && until) return { until: `${until}T23:59:59` };
  return ends === "count" ? { count } : {};
}

/** `mo` as people say it. */
export function dayName(day: string, width: "long" | "short" = "long"): string {
  // The fourth of January 2026 was a Sunday.
  const at = new Date(2026, 0, 4 + DAYS.findIndex((it) => it === day));
  return new Intl.DateTimeFormat(i18n.language, { weekday: width }).format(at);
}

export function words(fields: Fields): string {
  if (fields.every === "") return t("calendar-once");
  if (fields.every === "kept") return t("calendar-rule-kept");
  const parts = [t(`calendar-rule-${fields.every}`, { count: fields.interval })];
  const days = DAYS.filter((it) => fields.days.includes(it)).map((it) => dayName(it));
  if (fields.every === "weekly" && days.length > 0) parts.push(t("calendar-rule-on", { days: new Intl.ListFormat(i18n.language).format(days) }));
  const until = fields.ends === "day" ? fromLocal(fields.until) : null;
  if (until) parts.push(t("calendar-rule-until", { day: new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" }).format(until) }));
  if (fields.ends === "count") parts.push(t("calendar-rule-times", { count: fields.count }));
  return parts.join(i18n.language === "ar" ? "، " : ", ");
}
