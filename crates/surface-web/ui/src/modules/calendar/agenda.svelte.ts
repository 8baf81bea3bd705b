// The calendars that one has and that others share, and what is in them in the days that are shown.

import { jmap } from "../../lib/jmap/office";
import type { GetAnswer, Id, QueryAnswer, SetAnswer, SetError } from "../../lib/jmap/types";
import { addDays, duration, fromLocal, local, milliseconds } from "./time";

export const CALENDARS = "urn:ietf:params:jmap:calendars";

export interface Calendar {
  id: Id;
  name: string;
  description: string | null;
  color: string | null;
  sortOrder: number;
  isDefault: boolean;
  myRights: { mayWriteAll: boolean; mayShare: boolean; mayDelete: boolean };
}

/** A calendar with whose it is. */
export interface Held {
  account: Id;
  /** Whose; empty for one's own. */
  owner: string;
  calendar: Calendar;
}

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
  /** How often; empty for once. */
  every: "" | "daily" | "weekly" | "monthly" | "yearly";
}

interface Event {
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
}

/** What is refused, with the server's own word. */
export class Refused extends Error {
  constructor(readonly error: SetError) {
    super(error.description ?? error.type);
  }
}

const SHOWN = ["id", "baseEventId", "calendarIds", "title", "start", "duration", "showWithoutTime", "utcStart", "utcEnd", "status", "privacy", "locations"];
const KEY = "office.calendar.hidden";
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

class Agenda {
  held = $state.raw<readonly Held[]>([]);
  times = $state.raw<readonly Time[]>([]);
  failed = $state(false);
  loaded = $state(false);
  #hidden = $state.raw<ReadonlySet<string>>(new Set(kept()));
  #round = 0;
  #range = { from: new Date(0), to: new Date(0) };

  readonly shown = $derived(this.times.filter((it) => !this.#hidden.has(`${it.account}/${it.calendar}`)));
  /** Those that one may write in, one's default first. */
  readonly writable = $derived(
    this.held.filter((it) => it.calendar.myRights.mayWriteAll).sort((a, b) => Number(b.calendar.isDefault && !b.owner) - Number(a.calendar.isDefault && !a.owner)),
  );

  calendarOf(time: { account: Id; calendar: Id }): Held | undefined {
    return this.held.find((it) => it.account === time.account && it.calendar.id === time.calendar);
  }

  isHidden(held: Held): boolean {
    return this.#hidden.has(`${held.account}/${held.calendar.id}`);
  }

  /** Shows it or not; this browser keeps that. */
  toggle(held: Held): void {
    const hidden = new Set(this.#hidden);
    const key = `${held.account}/${held.calendar.id}`;
    if (!hidden.delete(key)) hidden.add(key);
    this.#hidden = hidden;
    try {
      localStorage.setItem(KEY, JSON.stringify([...hidden]));
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
  }

  /** Looks at the calendars and at these days. What comes late for days that are not shown any more is passed over. */
  async load(from: Date, to: Date): Promise<void> {
    this.#range = { from, to };
    const round = ++this.#round;
    try {
      const session = await jmap.session();
      const primary = session.primaryAccounts[CALENDARS];
      const accounts = Object.keys(session.accounts).filter((id) => session.accounts[id]?.accountCapabilities[CALENDARS]);
      accounts.sort((a, b) => Number(b === primary) - Number(a === primary));
      const found = await Promise.allSettled(accounts.map((account) => look(account, from, to)));
      if (round !== this.#round) return;
      // Somebody else's store that is down keeps nobody from their own.
      const own = found[0];
      if (own?.status === "rejected") throw own.reason;
      const all = found.flatMap((it, at) => (it.status === "fulfilled" ? [{ account: accounts[at] as Id, ...it.value }] : []));
      this.held = all.flatMap(({ account, calendars }) => {
        const owner = account === primary ? "" : (session.accounts[account]?.name ?? account);
        return [...calendars].sort((a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name)).map((calendar) => ({ account, owner, calendar }));
      });
      this.times = all.flatMap(({ account, events }) => events.map((event) => timeOf(account, event)).filter((it) => it !== null));
      this.failed = false;
      this.loaded = true;
    } catch {
      if (round === this.#round) this.failed = true;
    }
  }

  refresh(): Promise<void> {
    return this.load(this.#range.from, this.#range.to);
  }

  /** Makes an event; its id. */
  async make(draft: Draft): Promise<Id> {
    const event = { "@type": "Event", calendarIds: { [draft.calendar]: true }, ...said(draft) };
    const answer = await jmap.call<SetAnswer>("CalendarEvent/set", { accountId: draft.account, create: { e: event } });
    const refused = answer.notCreated?.["e"];
    if (refused) throw new Refused(refused);
    await this.refresh();
    return String(answer.created?.["e"]?.["id"] ?? "");
  }

  /** Changes one, or one instance of it. */
  async change(account: Id, id: Id, patch: Record<string, unknown>): Promise<void> {
    const answer = await jmap.call<SetAnswer>("CalendarEvent/set", { accountId: account, update: { [id]: patch } });
    const refused = answer.notUpdated?.[id];
    if (refused) throw new Refused(refused);
    await this.refresh();
  }

  /** Moves one time to another, and makes it as long. */
  async move(time: Time, start: Date, end: Date): Promise<void> {
    await this.change(time.account, time.id, times({ start, end, allDay: time.allDay }));
  }

  async remove(account: Id, id: Id): Promise<void> {
    const answer = await jmap.call<SetAnswer>("CalendarEvent/set", { accountId: account, destroy: [id] });
    const refused = answer.notDestroyed?.[id];
    if (refused) throw new Refused(refused);
    await this.refresh();
  }

  /** What a form begins with, for an event that is there. */
  async draftOf(time: Time, whole: boolean): Promise<Draft> {
    const id = whole ? time.base : time.id;
    const properties = [...SHOWN, "description", "recurrenceRule"];
    const { list } = await jmap.call<GetAnswer<Event & { description?: string; recurrenceRule?: { frequency: Draft["every"] } | null }>>("CalendarEvent/get", {
      accountId: time.account, ids: [id], properties, timeZone: zone(),
    });
    const [event] = list;
    const found = event && timeOf(time.account, event);
    if (!event || !found) throw new Refused({ type: "notFound" });
    const { account, calendar, title, start, end, allDay, place } = found;
    return { account, calendar, title, start, end, allDay, place, description: event.description ?? "", every: event.recurrenceRule?.frequency ?? "" };
  }

  async makeCalendar(name: string, color: string): Promise<void> {
    const accountId = (await jmap.session()).primaryAccounts[CALENDARS];
    const answer = await jmap.call<SetAnswer>("Calendar/set", { accountId, create: { c: { name, color } } });
    const refused = answer.notCreated?.["c"];
    if (refused) throw new Refused(refused);
    await this.refresh();
  }
}

/** One account in one request. */
async function look(accountId: Id, from: Date, to: Date): Promise<{ calendars: Calendar[]; events: Event[] }> {
  const calendars = jmap.call<GetAnswer<Calendar>>("Calendar/get", { accountId, ids: null });
  const query = jmap.call<QueryAnswer>("CalendarEvent/query", {
    accountId, filter: { after: local(from), before: local(to) }, expandRecurrences: true, timeZone: zone(),
  });
  const events = jmap.call<GetAnswer<Event>>("CalendarEvent/get", {
    accountId, "#ids": jmap.from(query, "/ids"), properties: SHOWN, timeZone: zone(),
  });
  const [{ list: known }, , { list }] = await Promise.all([calendars, query, events]);
  return { calendars: known, events: list };
}

function timeOf(account: Id, event: Event): Time | null {
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
  };
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
  return {
    title: draft.title,
    ...times(draft),
    description: draft.description,
    locations: draft.place ? { l: { "@type": "Location", name: draft.place } } : null,
    recurrenceRule: draft.every ? { "@type": "RecurrenceRule", frequency: draft.every } : null,
  };
}

function kept(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((it) => typeof it === "string") : [];
  } catch {
    return [];
  }
}

export const agenda = new Agenda();
