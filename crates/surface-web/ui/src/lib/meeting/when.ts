// When an event is that lies in no calendar yet: JSCalendar says it in the zone of its own, and one reads it in the zone of this browser.

import { i18n } from "../i18n.svelte";

export interface Said {
  start?: string;
  duration?: string;
  timeZone?: string | null;
  showWithoutTime?: boolean;
}

export interface When {
  start: Date;
  end: Date;
  allDay: boolean;
}

/** The moment at which a clock of a zone shows this; of a zone that is not known the one of this browser's clock. */
export function instant(local: string, zone: string | null | undefined): Date | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(local);
  if (!found) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  try {
    if (!zone) return new Date(year, month - 1, day, hour, minute, second);
    // Twice, since the zone may have another offset at the moment that the first offset leads to.
    const first = wall - offset(wall, zone);
    return new Date(wall - offset(first, zone));
  } catch {
    return new Date(year, month - 1, day, hour, minute, second);
  }
}

/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function offset(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
    timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** Days and what a clock shows go by the calendar; hours, minutes and seconds by what has passed. */
export function whenOf({ start = "", duration = "PT0S", timeZone, showWithoutTime = false }: Said): When | null {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration);
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (found ?? []).slice(1).map((it) => Number(it ?? 0));
  const from = instant(start, showWithoutTime ? null : timeZone);
  if (!from) return null;
  if (showWithoutTime) {
    return { start: from, end: new Date(from.getFullYear(), from.getMonth(), from.getDate() + Math.max(1, weeks * 7 + days)), allDay: true };
  }
  return { start: from, end: new Date(from.getTime() + (((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds) * 1000), allDay: false };
}

/** The same in words. */
export function whenText({ start, end, allDay }: When): string {
  const day = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
  if (!allDay) return new Intl.DateTimeFormat(i18n.language, { ...day, hour: "numeric", minute: "2-digit" }).formatRange(start, end);
  return new Intl.DateTimeFormat(i18n.language, day).formatRange(start, new Date(end.getFullYear(), end.getMonth(), end.getDate() - 1));
}
