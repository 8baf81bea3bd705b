// Days and times as one reads them: in the zone of this browser, by the days of the language.

const DAY = 86_400_000;
const two = (number: number): string => String(number).padStart(2, "0");

export const startOfDay = (at: Date): Date => new Date(at.getFullYear(), at.getMonth(), at.getDate());
/** Days further on; over a change of the clocks too. */
export const addDays = (at: Date, days: number): Date => new Date(at.getFullYear(), at.getMonth(), at.getDate() + days, at.getHours(), at.getMinutes());
export const isSameDay = (one: Date, other: Date): boolean => startOfDay(one).getTime() === startOfDay(other).getTime();
/** From midnight to midnight: what a change of the clocks takes away is no day. */
export const daysBetween = (from: Date, to: Date): number => Math.round((startOfDay(to).getTime() - startOfDay(from).getTime()) / DAY);

/** On which day weeks begin in a language: 0 is Sunday. */
export function firstDay(language: string): number {
  const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  return ((locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1) % 7;
}

export function startOfWeek(at: Date, first: number): Date {
  return addDays(startOfDay(at), -((at.getDay() - first + 7) % 7));
}

/** Six weeks in which a month lies whole. */
export function monthWeeks(at: Date, first: number): Date[][] {
  const start = startOfWeek(new Date(at.getFullYear(), at.getMonth(), 1), first);
  return Array.from({ length: 6 }, (_, week) => Array.from({ length: 7 }, (_, day) => addDays(start, week * 7 + day)));
}

/** A LocalDateTime (RFC 8984 §1.4.4). */
export function local(at: Date): string {
  return `${localDate(at)}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `2026-11-28` */
export function localDate(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** A moment as a LocalDateTime in a zone; in this browser's where none is said, or none that it knows. */
export function localIn(at: Date, zone: string | null | undefined): string {
  if (!zone) return local(at);
  try {
    // Of the languages that write dates so, one.
    const text = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(at);
    return text.replace(" ", "T");
  } catch {
    return local(at);
  }
}

/** `09:30`, as fields of times have it. */
export const localTime = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}`;

/** What a LocalDateTime or a field says, in this browser's zone; `null` for what is none. */
export function fromLocal(text: string): Date | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?/.exec(text);
  if (!found) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1).map((it) => Number(it ?? 0));
  return new Date(year, month - 1, day, hour, minute, second);
}

/** A Duration (RFC 8984 §1.4.6) in milliseconds: a day is one of 24 hours. */
export function milliseconds(duration: string): number {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration);
  if (!found) return 0;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((it) => Number(it ?? 0));
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** The duration of so many minutes. */
export function duration(minutes: number): string {
  const [days, rest] = [Math.floor(minutes / 1440), minutes % 1440];
  const [hours, left] = [Math.floor(rest / 60), rest % 60];
  const time = `${hours ? `${hours}H` : ""}${left ? `${left}M` : ""}`;
  return `P${days ? `${days}D` : ""}${time ? `T${time}` : ""}`.replace(/^P$/, "PT0S");
}
