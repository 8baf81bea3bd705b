// When people have time: the busy times of several beside each other, where they stand in a grid of working days, and the first time at
// which nobody has anything else.

import { addDays, startOfDay } from "./time";

export interface Period {
  start: Date;
  end: Date;
}

/** A time that somebody has given away, or may have. */
export interface Busy extends Period {
  isTentative: boolean;
}

/** The hours that a grid shows of a day, and those in which a time is looked for. */
export const SHOWN = { from: 7, to: 21 } as const;
const WORKING = { from: 8, to: 18 } as const;
/** Times are looked for, and moved, by this, in minutes. */
export const STEP = 15;
/** Nothing is looked for further ahead than this, in days. */
export const AHEAD = 14;

/** At this hour of this day, whatever the clocks do. */
function hour(day: Date, hour: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour);
}

export const meets = (one: Period, other: Period): boolean => one.start < other.end && one.end > other.start;

/** Without what lies in a period: of what is being moved the time that it has now is free. */
export function without(busy: readonly Busy[], { start, end }: Period): Busy[] {
  return busy.flatMap((it) => {
    if (!meets(it, { start, end })) return [it];
    return [{ ...it, end: start }, { ...it, start: end }].filter((part) => part.start < part.end);
  });
}

/** What is taken of a period, within it. */
export function within(busy: readonly Busy[], period: Period): Busy[] {
  const cut = (it: Busy): Busy => ({ ...it, start: it.start < period.start ? period.start : it.start, end: it.end > period.end ? period.end : it.end });
  return busy.filter((it) => meets(it, period)).map(cut);
}

export interface Wanted {
  /** Not before. */
  after: Date;
  /** In milliseconds. */
  length: number;
  /** Who has to have time: all of them. */
  all: readonly (readonly Busy[])[];
  /** Rooms, of which one has to be free; none where that does not matter. */
  oneOf: readonly (readonly Busy[])[];
  /** Nothing is known from here on. */
  until: Date;
}

/** The first time within working hours at which all have time, and which of `oneOf` does too; `null` where there is none. */
export function nextFree({ after, length, all, oneOf, until }: Wanted): { start: Date; end: Date; which: number } | null {
  for (let day = startOfDay(after); day < until; day = addDays(day, 1)) {
    if (day.getDay() === 0 || day.getDay() === 6) continue;
    const last = hour(day, WORKING.to).getTime() - length;
    for (let at = quarter(after > hour(day, WORKING.from) ? after : hour(day, WORKING.from)); at <= last; at += STEP * 60_000) {
      const period = { start: new Date(at), end: new Date(at + length) };
      if (period.end > until) return null;
      const isFree = (busy: readonly Busy[]): boolean => !busy.some((it) => meets(it, period));
      const which = oneOf.findIndex(isFree);
      if (all.every(isFree) && (oneOf.length === 0 || which >= 0)) return { ...period, which };
    }
  }
  return null;
}

/** This quarter of an hour, or the next. */
function quarter(at: Date): number {
  const step = STEP * 60_000;
  return Math.ceil(at.getTime() / step) * step;
}

/** How far a moment stands in a grid of days that shows some hours of each, from 0 to 1; what is hidden is at the edge of its day. */
export function place(at: Date, days: readonly Date[]): number {
  const index = days.findLastIndex((day) => day <= at);
  if (index < 0) return 0;
  const day = days[index] as Date;
  const hours = at >= addDays(day, 1) ? SHOWN.to : at.getHours() + at.getMinutes() / 60;
  const part = Math.min(1, Math.max(0, (hours - SHOWN.from) / (SHOWN.to - SHOWN.from)));
  return (index + part) / days.length;
}

/** The moment that stands there, at a quarter of an hour. */
export function momentAt(part: number, days: readonly Date[]): Date {
  const along = Math.min(days.length - 1e-9, Math.max(0, part * days.length));
  const day = days[Math.floor(along)] ?? new Date();
  const minutes = (SHOWN.from + (along % 1) * (SHOWN.to - SHOWN.from)) * 60;
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 0, Math.round(minutes / STEP) * STEP);
}

/** Moved by so many minutes; what would leave the hours that are shown goes to the day before, or after. */
export function moved({ start, end }: Period, minutes: number): Period {
  const length = end.getTime() - start.getTime();
  const at = new Date(start.getTime() + minutes * 60_000);
  const day = startOfDay(at);
  const span = (from: Date): Period => ({ start: from, end: new Date(from.getTime() + length) });
  // What is longer than a day shows has nowhere else to go.
  if (length > (SHOWN.to - SHOWN.from) * 3_600_000) return span(at);
  if (minutes < 0 && at < hour(day, SHOWN.from)) return span(new Date(hour(addDays(day, -1), SHOWN.to).getTime() - length));
  if (minutes > 0 && at.getTime() + length > hour(day, SHOWN.to).getTime()) return span(hour(addDays(day, 1), SHOWN.from));
  return span(at);
}
