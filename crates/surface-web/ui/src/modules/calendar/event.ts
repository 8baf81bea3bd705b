// Events as JSCalendar has them, as they are seen at one of their times, and as a form says them.

import type { Id } from "../../lib/jmap/types";
import { i18n } from "../../lib/i18n.svelte";
import { invites, meetingOf, NOBODY, ownIn, type Meeting, type Participants, type Standing } from "../../lib/meeting/people";
import type { Rule } from "./rule";
import { shifted, wall, type Patch, type Series } from "./series";
import { addDays, duration, fromLocal, local, localIn, milliseconds } from "./time";

/** One time at which something is. */
export interface Time {
  account: Id;
  /** Of the instance, where it is one of several. */
  id: Id;
  /** Of what recurs; the same as `id` for what does not. */
  base: Id;
  calendar: Id;
  /** Empty for what is private in somebody else's calendar. */
  title: string;
  start: Date;
  end: Date;
  allDay: boolean;
  recurs: boolean;
  cancelled: boolean;
  isPrivate: boolean;
  place: string;
  /** Whether others are invited, or one is oneself. */
  isMeeting: boolean;
  /** As whom one is invited, and what one has answered; `null` for what is one's own. */
  invited: { id: Id; standing: Standing } | null;
}

/** What a form says of an event. */
export interface Draft {
  account: Id;
  calendar: Id;
  title: string;
  start: Date;
  end: Date;
  allDay: boolean;
  place: string;
  description: string;
  /** How it recurs; `null` for once. */
  rule: Rule | null;
  /** Whether others are told no more than when it is. */
  isPrivate: boolean;
  /** How long before its start one is reminded, as a duration (`-PT15M`); empty for never, `kept` for what a form has no words for. */
  alarm: string;
  /** Who is invited. */
  meeting: Meeting;
}

export interface Event {
  id: Id;
  baseEventId?: Id | null;
  calendarIds: Record<Id, boolean>;
  title?: string;
  start: string;
  duration?: string;
  showWithoutTime?: boolean;
  utcStart?: string;
  utcEnd?: string;
  status?: string;
  privacy?: string;
  locations?: Record<Id, { name?: string }> | null;
  organizerCalendarAddress?: string | null;
  participants?: Participants | null;
}

/** What a form asks for beside that. */
export interface Whole extends Event {
  description?: string;
  recurrenceRule?: Rule | null;
  alerts?: Record<Id, { trigger?: { offset?: string; relativeTo?: string }; action?: string }> | null;
}

export const SHOWN = ["id", "baseEventId", "calendarIds", "title", "start", "duration", "showWithoutTime", "utcStart", "utcEnd", "status", "privacy", "locations", "organizerCalendarAddress", "participants"];
export const WHOLE = [...SHOWN, "description", "recurrenceRule", "alerts"];

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** An event at its time; `mails` are the addresses of whose calendar it is in. */
export function timeOf(account: Id, event: Event, mails: readonly string[]): Time | null {
  const allDay = event.showWithoutTime === true;
  // A day is the same day wherever one is; a time is another one elsewhere.
  const start = allDay || !event.utcStart ? fromLocal(event.start) : new Date(event.utcStart);
  if (!start) return null;
  const days = Math.max(1, Math.round(milliseconds(event.duration ?? "P1D") / 86_400_000));
  const end = allDay ? addDays(start, days) : event.utcEnd ? new Date(event.utcEnd) : new Date(start.getTime() + milliseconds(event.duration ?? "PT0S"));
  return {
    account,
    id: event.id,
    base: event.baseEventId ?? event.id,
    calendar: Object.keys(event.calendarIds)[0] ?? "",
    title: event.title ?? "",
    start,
    end,
    allDay,
    recurs: event.baseEventId !== undefined && event.baseEventId !== null && event.baseEventId !== event.id,
    cancelled: event.status === "cancelled",
    isPrivate: event.privacy === "private" || event.privacy === "secret",
    place: Object.values(event.locations ?? {}).map((it) => it.name ?? "").filter(Boolean).join(", "),
    isMeeting: Boolean(event.organizerCalendarAddress),
    invited: ownIn(event.participants, event.organizerCalendarAddress, mails),
  };
}

export function draftOf(time: Time, event: Whole): Draft {
  const { account, calendar, title, start, end, allDay, place, isPrivate } = time;
  return {
    account, calendar, title, start, end, allDay, place, isPrivate,
    description: event.description ?? "", rule: event.recurrenceRule ?? null, alarm: alarmOf(event.alerts),
    meeting: meetingOf(event.organizerCalendarAddress, event.participants),
  };
}

/** The one alarm that a form can say. */
function alarmOf(alerts: Whole["alerts"]): string {
  const all = Object.values(alerts ?? {});
  if (all.length === 0) return "";
  const [{ trigger, action } = {}] = all;
  const isPlain = all.length === 1 && trigger?.offset !== undefined && (trigger.relativeTo ?? "start") === "start" && action !== "email";
  return isPlain && /^-P|^PT0S$/.test(trigger.offset ?? "") ? (trigger.offset ?? "") : "kept";
}

/** When it is, as JSCalendar has it. */
export function times({ start, end, allDay }: Pick<Draft, "start" | "end" | "allDay">): Record<string, unknown> {
  const minutes = Math.max(0, Math.round((end.getTime() - start.getTime()) / 60_000));
  if (allDay) {
    const days = Math.max(1, Math.round(minutes / 1440));
    return { start: `${local(start).slice(0, 10)}T00:00:00`, duration: `P${days}D`, showWithoutTime: true, timeZone: null };
  }
  return { start: local(start), duration: duration(minutes), showWithoutTime: false, timeZone: zone() };
}

/** All that a form says. */
export function said(draft: Draft): Record<string, unknown> {
  const alert = { "@type": "Alert", trigger: { "@type": "OffsetTrigger", offset: draft.alarm }, action: "display" };
  return {
    title: draft.title,
    ...times(draft),
    description: draft.description,
    locations: draft.place ? { l: { "@type": "Location", name: draft.place } } : null,
    recurrenceRule: draft.rule,
    privacy: draft.isPrivate ? "private" : "public",
    alerts: draft.alarm ? { a: alert } : null,
    ...invites(NOBODY, draft.meeting),
  };
}

/** What all times of what recurs have in common: one of them does not say it. */
const COMMON = ["recurrenceRule", "privacy"];

/** Only what was changed is said, so that what another program wrote stays. */
export function changes(before: Draft, after: Draft, isOne: boolean): Record<string, unknown> {
  const [old, now] = [said(before), said(after)];
  const moved = JSON.stringify(times(before)) !== JSON.stringify(times(after));
  const patch: Record<string, unknown> = moved ? times(after) : {};
  for (const name of ["title", "description", "locations", "recurrenceRule", "privacy", "alerts"]) {
    if (isOne && COMMON.includes(name)) continue;
    if (JSON.stringify(old[name]) !== JSON.stringify(now[name])) patch[name] = now[name];
  }
  return { ...patch, ...invites(before.meeting, after.meeting) };
}

/** The same of something that recurs: it stays in its zone, and its start goes as far as the time that was changed has gone. */
export function changesFrom(before: Draft, after: Draft, { series, start }: { series: Series; start: string }): Patch {
  const patch = changes(before, after, false);
  if (typeof patch["start"] !== "string") return patch;
  const on = ({ start, allDay }: Draft): number => wall(allDay ? local(start) : localIn(start, series.timeZone));
  const staysTimed = !before.allDay && !after.allDay;
  return { ...patch, start: shifted(start, on(after) - on(before)), ...(staysTimed && series.timeZone ? { timeZone: series.timeZone } : {}) };
}

/** What moves and stretches something that recurs as one of its times was; `from` is the start that moves along. */
export function movedFrom(from: string, series: Series, time: Time, to: Pick<Draft, "start" | "end">): Patch {
  const on = (at: Date): number => wall(time.allDay ? local(at) : localIn(at, series.timeZone));
  const [before, after] = [times(time)["duration"], times({ ...time, ...to })["duration"]];
  return { start: shifted(from, on(to.start) - on(time.start)), ...(before === after ? {} : { duration: after }) };
}

/** `-PT15M` in words: with a unit of the language. */
export function ahead(alarm: string): string {
  const minutes = milliseconds(alarm.replace(/^-/, "")) / 60_000;
  const [unit, count] = minutes % 1440 === 0 ? ["day", minutes / 1440] : minutes % 60 === 0 ? ["hour", minutes / 60] : ["minute", minutes];
  return new Intl.NumberFormat(i18n.language, { style: "unit", unit: String(unit), unitDisplay: "long" }).format(Number(count));
}
