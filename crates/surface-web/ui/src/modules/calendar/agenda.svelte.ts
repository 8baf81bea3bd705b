// The calendars that one has and that others share, and what is in them in the days that are shown.

import { jmap } from "../../lib/jmap/office";
import { removals } from "../../lib/jmap/removals.svelte";
import { Refused, type GetAnswer, type Id, type QueryAnswer, type SetAnswer } from "../../lib/jmap/types";
import { answers, mailOf, type Answer } from "../../lib/meeting/people";
import { mailsOf } from "./availability";
import { changes, changesFrom, draftOf, movedFrom, said, SHOWN, timeOf, times, WHOLE, zone, type Draft, type Event, type Time, type Whole } from "./event";
import { changeFrom, endBefore, isFirst, NoRule, placeOf, seriesOf, set, type Undo } from "./following";
import { asItWas, restOf, throughout, type Patch, type Place } from "./series";
import { local } from "./time";

export const CALENDARS = "urn:ietf:params:jmap:calendars";
/** When what was asked for had come: from then on it is measured how long it takes to be painted. */
export const ANSWERED = "calendar-answered";

export interface Calendar {
  id: Id;
  name: string;
  description: string | null;
  color: string | null;
  sortOrder: number;
  isDefault: boolean;
  myRights: { mayReadFreeBusy: boolean; mayReadItems: boolean; mayWriteAll: boolean; mayRSVP: boolean; mayShare: boolean; mayDelete: boolean };
}

/** Which times of what recurs are meant: one, it and all that follow, or all. What is once is all of it. */
export type Which = "one" | "following" | "all";

/** What a form begins with. */
export interface Begun {
  draft: Draft;
  /** Where more than the first follows nothing but all is left. */
  which: Which;
  /** The series, where more than one of its times are meant. */
  place: Place | null;
}

/** A calendar with whose it is. */
export interface Held {
  account: Id;
  /** Whose; empty for one's own. */
  owner: string;
  /** The addresses that its owner invites and is invited by. */
  mails: readonly string[];
  calendar: Calendar;
}

/** What an account has in the days that are shown. */
interface Found {
  calendars: readonly Calendar[];
  events: readonly Event[];
  mails: readonly string[];
}

const ASKED = ["id", "name", "description", "color", "sortOrder", "isDefault", "myRights"];
/** Most that a server tells at once. */
const MOST = 500;
const KEY = "office.calendar.hidden";

const keyOf = (held: Held): string => `${held.account}/${held.calendar.id}`;

class Agenda {
  #all = $state.raw<readonly Held[]>([]);
  #times = $state.raw<readonly Time[]>([]);
  failed = $state(false);
  loaded = $state(false);
  #hidden = $state.raw<ReadonlySet<string>>(new Set(kept()));
  #looking: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #only: Id | undefined;
  /** What was found, by account, one's own first, and in which days. */
  #found = new Map<Id, Found>();
  #foundIn: { from: Date; to: Date } | null = null;
  #range = { from: new Date(0), to: new Date(0) };

  /** Without what was removed and can still be had back. */
  readonly held = $derived(this.#all.filter((it) => it.calendar.myRights.mayReadItems && !removals.isHidden(it.account, it.calendar.id)));
  /** Of these one knows when they take time, and no more. */
  readonly busyOnly = $derived(this.#all.filter(({ owner, calendar: { myRights } }) => owner !== "" && myRights.mayReadFreeBusy && !myRights.mayReadItems));
  readonly shown = $derived.by(() => {
    const there = new Set(this.held.map(keyOf));
    return this.#times.filter((it) => {
      const key = `${it.account}/${it.calendar}`;
      return there.has(key) && !this.#hidden.has(key) && !removals.isHidden(it.account, it.id) && !removals.isHidden(it.account, it.base);
    });
  });
  /** Those that one may write in, one's default first. */
  readonly writable = $derived(
    this.held.filter((it) => it.calendar.myRights.mayWriteAll).sort((a, b) => Number(b.calendar.isDefault && !b.owner) - Number(a.calendar.isDefault && !a.owner)),
  );

  calendarOf(time: { account: Id; calendar: Id }): Held | undefined {
    return this.held.find((it) => it.account === time.account && it.calendar.id === time.calendar);
  }

  isHidden(held: Held): boolean {
    return this.#hidden.has(keyOf(held));
  }

  /** Shows it or not; this browser keeps that. */
  toggle(held: Held): void {
    const hidden = new Set(this.#hidden);
    if (!hidden.delete(keyOf(held))) hidden.add(keyOf(held));
    this.#hide(hidden);
  }

  /** Shows this one and no other. */
  showOnly(held: Held): void {
    this.#hide(new Set(this.#all.filter((it) => keyOf(it) !== keyOf(held)).map(keyOf)));
  }

  #hide(hidden: ReadonlySet<string>): void {
    this.#hidden = hidden;
    try {
      localStorage.setItem(KEY, JSON.stringify([...hidden]));
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
  }

  /** Looks at the calendars and at these days. */
  load(from: Date, to: Date): Promise<void> {
    this.#range = { from, to };
    return this.refresh();
  }

  /** Looks again, at one account where only that has changed. What is asked for while one looks is one look behind that, however often it was asked. */
  refresh(only?: Id): Promise<void> {
    this.#only = this.#next && this.#only !== only ? undefined : only;
    this.#next ??= this.#looking.then(() => {
      this.#next = null;
      return (this.#looking = this.#look(this.#only));
    });
    return this.#next;
  }

  /** What comes late for days that are not shown any more is passed over. */
  async #look(only?: Id): Promise<void> {
    const range = this.#range;
    const { from, to } = range;
    try {
      const session = await jmap.session();
      const primary = session.primaryAccounts[CALENDARS];
      const known = Object.keys(session.accounts).filter((id) => session.accounts[id]?.accountCapabilities[CALENDARS]);
      known.sort((a, b) => Number(b === primary) - Number(a === primary));
      // To what is of other days, or has failed, one account cannot be added.
      const one = this.#foundIn === range && !this.failed ? only : undefined;
      const accounts = one ? known.filter((it) => it === one) : known;
      const found = await Promise.allSettled(accounts.map((account) => look(account, account === primary, from, to)));
      if (range !== this.#range) return;
      performance.mark(ANSWERED);
      // Somebody else's store that is down keeps nobody from their own.
      const own = found[0];
      if (own?.status === "rejected") throw own.reason;
      if (!one) this.#found.clear();
      this.#foundIn = range;
      found.forEach((it, at) => it.status === "fulfilled" && this.#found.set(accounts[at] as Id, it.value));
      const all = [...this.#found];
      this.#all = all.flatMap(([account, { calendars, mails }]) => {
        const owner = account === primary ? "" : (session.accounts[account]?.name ?? account);
        return [...calendars].sort((a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name)).map((calendar) => ({ account, owner, mails, calendar }));
      });
      this.#times = all.flatMap(([account, { events, mails }]) => events.map((event) => timeOf(account, event, mails)).filter((it) => it !== null));
      this.failed = false;
      this.loaded = true;
    } catch {
      if (range === this.#range) this.failed = true;
    }
  }

  /** Makes an event, and invites whom it names. */
  async make(draft: Draft): Promise<null> {
    const event = { "@type": "Event", calendarIds: { [draft.calendar]: true }, ...said(draft) };
    const answer = await jmap.call<SetAnswer>("CalendarEvent/set", { accountId: draft.account, create: { e: event }, sendSchedulingMessages: true });
    refuse(answer.notCreated?.["e"]);
    await this.refresh();
    return null;
  }

  /** Changes what a form was begun with to what it says now; `tells` says whether those who are invited hear of it. What comes back takes it back. */
  async change({ draft: before, which, place }: Begun, after: Draft, time: Time, tells: boolean): Promise<Undo | null> {
    // Rules and exceptions are written whole: as they are now, since others have answered and changed while a form stood open.
    if (which === "following" && place) {
      const now = await placeOf(time);
      return this.#looked(await changeFrom(time, now, changesFrom(before, after, { series: now.series, start: now.at }), tells));
    }
    const isOne = which === "one" && time.recurs;
    // Its start is counted from where the form has seen it: what was saved, and not heard to be, is moved no further by saving it again.
    const patch = place ? throughout(await seriesOf(time), changesFrom(before, after, { series: place.series, start: place.series.start })) : changes(before, after, isOne);
    if (!patch) throw new NoRule();
    if (after.calendar !== before.calendar) patch["calendarIds"] = { [after.calendar]: true };
    await this.#patch(before.account, isOne ? time.id : time.base, patch, tells);
    return null;
  }

  /** Takes a time and all that follow out of what recurs, as it is now. */
  async endBefore(time: Time, tells: boolean): Promise<Undo> {
    return this.#looked(await endBefore(time, await placeOf(time), tells));
  }

  /** Answers an invitation; who organises it is told. */
  answer({ account, invited }: Time, id: Id, answer: Answer): Promise<void> {
    return invited ? this.#patch(account, id, answers(invited.id, answer), true) : Promise.resolve();
  }

  /** Moves a time to another, and makes it as long; where it alone goes it is seen there at once. What comes back takes it back. */
  async move(time: Time, start: Date, end: Date, { which, tells }: { which: Which; tells: boolean }): Promise<Undo> {
    if (time.recurs && which !== "one") return this.#looked(await this.#moveSeries(time, start, end, { which, tells }));
    this.#times = this.#times.map((it) => (it.account === time.account && it.id === time.id ? { ...it, start, end } : it));
    try {
      await this.#patch(time.account, time.id, times({ start, end, allDay: time.allDay }), tells);
    } catch (error) {
      void this.refresh();
      throw error;
    }
    return async () => void (await this.move(time, time.start, time.end, { which, tells }));
  }

  async #moveSeries(time: Time, start: Date, end: Date, { which, tells }: { which: Which; tells: boolean }): Promise<Undo> {
    const place = await placeOf(time);
    const { series, at } = place;
    const isAll = which === "all" || isFirst(place);
    const patch = movedFrom(isAll ? series.start : at, series, time, { start, end });
    if (!isAll) return changeFrom(time, place, patch, tells);
    const all = throughout(series, patch);
    if (!all) throw new NoRule();
    const before: Patch = { ...asItWas(series), start: series.start, duration: series.duration ?? null };
    await set(time.account, tells, { update: { [time.base]: all } });
    return () => set(time.account, tells, { update: { [time.base]: before } });
  }

  /** Looks at what was done, and at what is taken back. */
  async #looked(undo: Undo): Promise<Undo> {
    await this.refresh();
    return async () => {
      await undo();
      await this.refresh();
    };
  }

  async #patch(accountId: Id, id: Id, patch: Record<string, unknown>, tells: boolean): Promise<void> {
    const answer = await jmap.call<SetAnswer>("CalendarEvent/set", { accountId, update: { [id]: patch }, sendSchedulingMessages: tells });
    refuse(answer.notUpdated?.[id]);
    await this.refresh();
  }

  /** What a form begins with, for an event that is there. */
  async begin(time: Time, which: Which): Promise<Begun> {
    const place = time.recurs && which !== "one" && !time.invited ? await placeOf(time) : null;
    const meant = place && isFirst(place) ? "all" : which;
    const draft = await this.#draftOf(time, meant === "all" ? time.base : time.id);
    if (meant === "following" && place) draft.rule = restOf(place);
    return { draft, which: meant, place };
  }

  async #draftOf(time: Time, id: Id): Promise<Draft> {
    const { list } = await jmap.call<GetAnswer<Whole>>("CalendarEvent/get", { accountId: time.account, ids: [id], properties: WHOLE, timeZone: zone() });
    const [event] = list;
    const found = event && timeOf(time.account, event, this.calendarOf(time)?.mails ?? []);
    if (!event || !found) throw new Refused({ type: "notFound" });
    return draftOf(found, event);
  }

  async makeCalendar(name: string, color: string, isDefault: boolean): Promise<void> {
    const accountId = (await jmap.session()).primaryAccounts[CALENDARS];
    const chosen = isDefault ? { onSuccessSetIsDefault: "#c" } : {};
    const answer = await jmap.call<SetAnswer>("Calendar/set", { accountId, create: { c: { name, color } }, ...chosen });
    refuse(answer.notCreated?.["c"]);
    await this.refresh();
  }

  /** Changes what a calendar is called and its colour, and lets one's invitations come into it where that is chosen. */
  async changeCalendar({ account, calendar }: Held, name: string, color: string, isDefault: boolean): Promise<void> {
    const chosen = isDefault && !calendar.isDefault ? { onSuccessSetIsDefault: calendar.id } : {};
    const answer = await jmap.call<SetAnswer>("Calendar/set", { accountId: account, update: { [calendar.id]: { name, color } }, ...chosen });
    refuse(answer.notUpdated?.[calendar.id]);
    await this.refresh();
  }
}

function refuse(error: Refused["error"] | undefined): void {
  if (error) throw new Refused(error);
}

/** One account in one request, unless more happens in these days than one tells. */
async function look(accountId: Id, isOwn: boolean, from: Date, to: Date): Promise<Found> {
  // What is not known of them now is asked again at the next look.
  const mails = (isOwn ? identities(accountId) : mailsOf(accountId)).catch((): string[] => []);
  const calendars = jmap.call<GetAnswer<Calendar>>("Calendar/get", { accountId, ids: null, properties: ASKED });
  const [{ list }, events, own] = await Promise.all([calendars, within(accountId, isOwn, from, to), mails]);
  return { calendars: list, events, mails: own };
}

async function within(accountId: Id, isOwn: boolean, from: Date, to: Date): Promise<Event[]> {
  const events: Event[] = [];
  for (let isMore = true; isMore; ) {
    const query = jmap.call<QueryAnswer>("CalendarEvent/query", {
      accountId, filter: { after: local(from), before: local(to) }, expandRecurrences: true, timeZone: zone(), position: events.length, limit: MOST,
    });
    const get = jmap.call<GetAnswer<Event>>("CalendarEvent/get", { accountId, "#ids": jmap.from(query, "/ids"), properties: SHOWN, reduceParticipants: isOwn, timeZone: zone() });
    const [{ ids }, { list }] = await Promise.all([query, get]);
    events.push(...list);
    isMore = ids.length === MOST;
  }
  return events;
}

/** One's own addresses, the one to invite by first. */
async function identities(accountId: Id): Promise<string[]> {
  const { list } = await jmap.call<GetAnswer<{ calendarAddress: string; isDefault: boolean }>>("ParticipantIdentity/get", { accountId, ids: null });
  return [...list].sort((a, b) => Number(b.isDefault) - Number(a.isDefault)).map((it) => mailOf(it.calendarAddress));
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
