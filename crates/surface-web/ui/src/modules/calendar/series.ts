// What recurs, changed from one of its times on (RFC 8984 §4.1.3): the series that was ends before it, and another one begins with it. All times
// here are as JSCalendar writes them, on the wall where the series is, so that a change of the clocks moves none of them.

import { DAYS, type Rule } from "./rule";

/** What one of the times has otherwise, by paths; nothing where it is a time that the rule does not make. */
export type Override = Record<string, unknown>;

/** An event that recurs, with all that is told of it. */
export interface Series {
  uid: string;
  start: string;
  duration?: string;
  timeZone?: string | null;
  showWithoutTime?: boolean;
  recurrenceRule?: Rule | null;
  recurrenceOverrides?: Record<string, Override> | null;
  relatedTo?: Record<string, { relation?: Record<string, boolean> }> | null;
  participants?: Record<string, Record<string, unknown>> | null;
  [other: string]: unknown;
}

/** A series, and one of its times. */
export interface Place {
  series: Series;
  /** Its recurrence id. */
  at: string;
  /** How many times the rule makes before it; 0 where the rule does not count. */
  before: number;
}

/** What is changed: properties of JSCalendar, and paths. */
export type Patch = Record<string, unknown>;

/** What a store says of an object by itself, or what is of an instance: a new one has its own. */
const NOT_TAKEN = [
  "id", "baseEventId", "isDraft", "isOrigin", "utcStart", "utcEnd", "useDefaultAlerts", "mayInviteSelf", "mayInviteOthers", "hideAttendees",
  "uid", "prodId", "version", "created", "updated", "sequence", "recurrenceId", "recurrenceIdTimeZone", "recurrenceRule", "recurrenceOverrides",
];
/** Parts of a rule that say days, or times of a day, in words that a shift does not change. */
const FIXED = { days: ["byYearDay", "byWeekNo", "bySetPosition"], times: ["byHour", "byMinute", "bySecond"] } as const;
const DAY = 86_400_000;

/** A LocalDateTime as a number to count with: of no zone. */
export const wall = (local: string): number => Date.parse(`${local}Z`);
export const shifted = (local: string, by: number): string => new Date(wall(local) + by).toISOString().slice(0, 19);

const members = (override: Override): string[] => Object.keys(override).filter((it) => it !== "@type");
/** Whether a time is there beside those of the rule (RDATE). */
const isBeside = (override: Override | undefined): boolean => override !== undefined && members(override).length === 0;

/** Whether what follows a time can be said by the rule: it makes this one. */
export const isOfRule = ({ series, at }: Pick<Place, "series" | "at">): boolean => Boolean(series.recurrenceRule) && !isBeside(series.recurrenceOverrides?.[at]);

/** How many times the rule makes before one; `told` are those that are there, without those that were taken out. */
export function countBefore(series: Series, at: string, told: readonly string[]): number {
  const overrides = series.recurrenceOverrides ?? {};
  const plain = told.filter((it) => it < at && !(it in overrides));
  const others = Object.keys(overrides).filter((it) => it < at && !isBeside(overrides[it]));
  return new Set([...plain, ...others]).size;
}

/** The rule as it goes on from a time: of a count what is left. */
export function restOf({ series, before }: Place): Rule | null {
  const rule = series.recurrenceRule ?? null;
  return rule?.count === undefined ? rule : { ...rule, count: Math.max(1, rule.count - before) };
}

/** The change by which a series ends before a time; `next` is the uid of what goes on in its place, if anything does. */
export function shortened({ series, at, before }: Place, next: string | null): Patch {
  const { count, until: _until, ...rest } = series.recurrenceRule as Rule;
  const overrides = Object.entries(series.recurrenceOverrides ?? {}).filter(([key]) => key < at);
  const related = Object.entries(series.relatedTo ?? {}).filter(([, it]) => !it.relation?.["next"]);
  return {
    recurrenceRule: count === undefined ? { ...rest, until: shifted(at, -1000) } : { ...rest, count: before },
    recurrenceOverrides: overrides.length > 0 ? Object.fromEntries(overrides) : null,
    ...(next && { relatedTo: Object.fromEntries([...related, [next, relation("next")]]) }),
  };
}

/** What of a series its shortening has changed, as it was. */
export function asItWas({ recurrenceRule, recurrenceOverrides, relatedTo }: Series): Patch {
  return { recurrenceRule: recurrenceRule ?? null, recurrenceOverrides: recurrenceOverrides ?? null, relatedTo: relatedTo ?? null };
}

const relation = (kind: string) => ({ "@type": "Relation", relation: { [kind]: true } });

/** The series that begins with a time, with what is changed from there on; `null` where its rule has no words for that. */
export function begun(place: Place, patch: Patch, uid: string): Series | null {
  const { series, at } = place;
  const fit = fitted(place, patch);
  if (!fit) return null;
  const isMoved = fit.start !== at;
  const taken = Object.entries(series).filter(([name]) => !NOT_TAKEN.includes(name));
  const related = Object.entries(series.relatedTo ?? {});
  const first = related.find(([, it]) => it.relation?.["first"])?.[0] ?? series.uid;
  const next = related.filter(([other, it]) => other !== first && it.relation?.["next"]);
  const others = related.filter(([other, it]) => other !== first && !it.relation?.["next"]);
  const made: Series = {
    ...structuredClone(Object.fromEntries(taken)), "@type": "Event", uid,
    start: at,
    relatedTo: Object.fromEntries([...others, ...next, [first, relation("first")]]),
  };
  if (made.participants) made.participants = invitedAnew(made.participants, isMoved);
  put(made, patch);
  return { ...made, ...fit };
}

/** Who was asked about another time has not answered about this one. */
function invitedAnew(participants: NonNullable<Series["participants"]>, isMoved: boolean): NonNullable<Series["participants"]> {
  const one = ({ scheduleStatus: _status, ...person }: Record<string, unknown>): Record<string, unknown> => {
    const owns = (person["roles"] as Record<string, boolean> | undefined)?.["owner"];
    return isMoved && !owns ? { ...person, participationStatus: "needs-action", expectReply: true } : person;
  };
  return Object.fromEntries(Object.entries(participants).map(([id, it]) => [id, one(it)]));
}

/** Changes an object by a patch (RFC 8984 §1.4.9). */
function put(object: Record<string, unknown>, patch: Patch): void {
  for (const [path, value] of Object.entries(patch)) {
    const steps = path.split("/").map((it) => it.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = steps.pop() as string;
    let at = object;
    for (const step of steps) at = (at[step] ??= {}) as Record<string, unknown>;
    if (value === null) delete at[last];
    else at[last] = value;
  }
}

/** What goes along where all times of a series are changed: its rule on other days, and its exceptions at other times. */
export function throughout(series: Series, patch: Patch): Patch | null {
  if (!series.recurrenceRule || typeof patch["start"] !== "string") return patch;
  const fit = fitted({ series, at: series.start, before: 0 }, patch);
  return fit && { ...patch, recurrenceRule: fit.recurrenceRule ?? null, recurrenceOverrides: fit.recurrenceOverrides ?? null };
}

type Fit = Pick<Series, "start" | "recurrenceRule" | "recurrenceOverrides">;

function fitted(place: Place, patch: Patch): Fit | null {
  const { at } = place;
  const start = typeof patch["start"] === "string" ? patch["start"] : at;
  const rest = restOf(place);
  const said = patch["recurrenceRule"] as Rule | null | undefined;
  // A rule that somebody has said anew is meant as it stands.
  const rule = said === undefined ? rest && turned(rest, at, start) : said;
  if (said === undefined && rest && !rule) return null;
  const overrides = rule ? carried(place, patch, start, rule) : {};
  return { start, recurrenceRule: rule, ...(Object.keys(overrides).length > 0 ? { recurrenceOverrides: overrides } : { recurrenceOverrides: null }) };
}

/** A rule whose times have moved from one to another; `null` where it has no words for that. */
export function turned(rule: Rule, from: string, to: string): Rule | null {
  const by = wall(to) - wall(from);
  if (by === 0) return rule;
  const now: Rule = { ...rule };
  if (rule.until) now.until = shifted(rule.until, by);
  const has = (names: readonly string[]): boolean => names.some((it) => rule[it] !== undefined);
  const days = Math.round((wall(`${to.slice(0, 10)}T00:00:00`) - wall(`${from.slice(0, 10)}T00:00:00`)) / DAY);
  if (from.slice(11) !== to.slice(11) && has(FIXED.times)) return null;
  if (days === 0) return now;
  if (has(FIXED.days)) return null;
  const [day, month, length] = [Number(to.slice(8, 10)), Number(to.slice(5, 7)), new Date(Date.UTC(Number(to.slice(0, 4)), Number(to.slice(5, 7)), 0)).getUTCDate()];
  const monthDays = rule["byMonthDay"] as number[] | undefined;
  if (monthDays) {
    const [only] = monthDays;
    if (monthDays.length !== 1 || only === undefined) return null;
    now["byMonthDay"] = [only < 0 ? day - length - 1 : day];
  }
  const months = rule["byMonth"] as string[] | undefined;
  if (months && month !== Number(from.slice(5, 7))) {
    if (months.length !== 1) return null;
    now["byMonth"] = [String(month)];
  }
  if (rule.byDay) {
    const week = new Date(wall(to)).getUTCDay();
    if (rule.byDay.every((it) => it.nthOfPeriod === undefined)) {
      now.byDay = rule.byDay.map((it) => ({ ...it, day: dayAfter(it.day, days) }));
      // Where not each week counts, its days stay within one week: it begins so much later too.
      if ((rule.interval ?? 1) > 1 && rule.byDay.length > 1) now["firstDayOfWeek"] = dayAfter(String(rule["firstDayOfWeek"] ?? "mo"), days);
    } else {
      const [only] = rule.byDay;
      if (rule.byDay.length !== 1 || !only?.nthOfPeriod || (rule.frequency === "yearly" && !months)) return null;
      const nth = Math.ceil(day / 7);
      // A fifth there is not in each month: it is the last.
      const isFromEnd = only.nthOfPeriod < 0 || nth > 4;
      now.byDay = [{ ...only, day: DAYS[week] as string, nthOfPeriod: isFromEnd ? -Math.ceil((length - day + 1) / 7) : nth }];
    }
  }
  return now;
}

const dayAfter = (day: string, days: number): string => DAYS[(((DAYS.findIndex((it) => it === day) + days) % 7) + 7) % 7] as string;

/** The parts of a rule that say how long it goes on. */
const without = ({ count: _count, until: _until, ...rest }: Rule): string => JSON.stringify(rest);

/** What times from here on have of their own, at the times that they have now; what fits the new series no more stays behind. */
function carried(place: Place, patch: Patch, start: string, rule: Rule): Record<string, Override> {
  const { series, at } = place;
  const rest = restOf(place);
  const by = wall(start) - wall(at);
  const said = patch["recurrenceRule"] as Rule | undefined;
  const isOther = said !== undefined && rest !== null && without(said) !== without(rest);
  const isFewer = said?.count !== undefined && said.count < (rest?.count ?? Infinity);
  const turnsWhole = patch["showWithoutTime"] !== undefined && patch["showWithoutTime"] !== (series.showWithoutTime ?? false);
  const all: Record<string, Override> = {};
  for (const [key, override] of Object.entries(series.recurrenceOverrides ?? {})) {
    if (key < at) continue;
    const now = shifted(key, by);
    const beside = isBeside(override);
    if (key !== at && !beside && (isOther || isFewer || (rule.until !== undefined && now > rule.until))) continue;
    const kept = members(override).flatMap((path): [string, unknown][] => {
      const [name = ""] = path.split("/");
      const value = override[path];
      if (turnsWhole && ["start", "duration", "timeZone", "showWithoutTime"].includes(name)) return [];
      if (path === "start") return [[path, shifted(String(value), by)]];
      // What is said of this time is so at this time; and what lay below something that was changed may be there no more.
      const isChanged = name in patch || Object.keys(patch).some((it) => it.startsWith(`${name}/`));
      if (isChanged && (key === at || path !== name)) return [];
      if (by !== 0 && name === "participants" && path !== name) return [];
      return [[path, value]];
    });
    if (kept.length > 0 || beside) all[now] = Object.fromEntries(kept);
  }
  return all;
}
