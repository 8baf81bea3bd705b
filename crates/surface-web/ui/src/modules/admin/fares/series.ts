// What was counted, as it is drawn: a value for each day or hour, also for those in which nothing happened.

/** When a day or hour began, and how often something happened in it. */
export type Counts = readonly (readonly [string, number])[];

export interface Day {
  at: number;
  /** By part, in the order of the parts. */
  values: number[];
  sum: number;
}

export interface Series {
  parts: string[];
  days: Day[];
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
const DAYS = 30;
const HOURS = 48;

/** The last thirty days, in UTC as they were counted. */
export function byDay(counted: Record<string, Counts>, now = Date.now()): Series {
  const parts = Object.keys(counted).sort();
  const known = parts.map((part) => new Map(counted[part]?.map(([at, count]) => [Date.parse(at), count])));
  const today = Math.floor(now / DAY) * DAY;
  const days = Array.from({ length: DAYS }, (_, back) => {
    const at = today - (DAYS - 1 - back) * DAY;
    const values = known.map((it) => it.get(at) ?? 0);
    return { at, values, sum: values.reduce((sum, it) => sum + it, 0) };
  });
  return { parts, days };
}

/** The last two days, hour by hour: how often a back-end was found working, and how often not. */
export function byHour(results: Record<string, Counts>, now = Date.now()): { at: number; works: number; fails: number }[] {
  const of = (result: string) => new Map(results[result]?.map(([at, count]) => [Date.parse(at), count]));
  const [works, fails] = [of("works"), of("fails")];
  const last = Math.floor(now / HOUR) * HOUR;
  return Array.from({ length: HOURS }, (_, back) => {
    const at = last - (HOURS - 1 - back) * HOUR;
    return { at, works: works.get(at) ?? 0, fails: fails.get(at) ?? 0 };
  });
}

/** A round number that is at least this: 1, 2 or 5 with noughts. */
export function ceiling(value: number): number {
  if (value <= 1) return 1;
  const step = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((it) => it * step).find((it) => it >= value) ?? 10 * step;
}
