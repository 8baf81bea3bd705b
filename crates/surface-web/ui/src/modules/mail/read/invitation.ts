// Scheduling messages that came by mail (iMIP, RFC 6047): what the server tells of one, and what one does about it.

import { api } from "../../../lib/api/client";
import { jmap } from "../../../lib/jmap/office";
import { Refused, type Email, type GetAnswer, type Id, type QueryAnswer, type SetAnswer } from "../../../lib/jmap/types";
import { answers, ownIn, type Answer, type Participants } from "../../../lib/meeting/people";
import { whenOf, type Said, type When } from "../../../lib/meeting/when";

const CALENDARS = "urn:ietf:params:jmap:calendars";

export interface Event extends Said {
  id?: Id;
  uid?: string;
  title?: string;
  description?: string;
  recurrenceId?: string | null;
  recurrenceRule?: object | null;
  locations?: Record<Id, { name?: string }> | null;
  organizerCalendarAddress?: string | null;
  participants?: Participants | null;
}

export interface Person {
  address: string;
  participationStatus: string;
}

/** What the server tells (docs/WEB-API.md). */
export interface Looked {
  method: string;
  uid: string;
  recurrenceId: string | null;
  from: string | null;
  organizer: string | null;
  /** Whether it may be taken into the calendar. */
  mayApply: boolean;
  reason: string;
  /** Oneself, with what one has answered. */
  mine: Person | null;
  /** Who answers, of an answer. */
  answer: Person | null;
  /** What the calendar has of it. */
  known: "none" | "same" | "older" | "newer";
  eventId: Id | null;
  /** What an update changes. */
  changed: string[];
  event: Event | null;
}

interface Taken {
  outcome: string;
  eventId: Id | null;
}

/** What cannot be taken, with the server's own word. */
export class NotTaken extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

const asked = (account: Id, email: Email): object => ({ accountId: account, blobId: email.blobId });

export const look = (account: Id, email: Email): Promise<Looked> => api.post<Looked>("/api/calendars/invitations/look", asked(account, email));

/** Takes it into the calendar; the id of the event there. */
export async function take(account: Id, email: Email): Promise<Id | null> {
  const { outcome, eventId } = await api.post<Taken>("/api/calendars/invitations/take", asked(account, email));
  if (outcome !== "applied" && outcome !== "same") throw new NotTaken(outcome);
  return eventId;
}

/** One's own account of calendars. */
async function own(): Promise<Id> {
  return (await jmap.session()).primaryAccounts[CALENDARS] ?? "";
}

/** Answers an invitation that lies in the calendar; who organises it is told. */
export async function answer(eventId: Id, looked: Looked, given: Answer): Promise<void> {
  const accountId = await own();
  const id = looked.recurrenceId ? await instanceOf(accountId, eventId, looked) : eventId;
  const { list } = await jmap.call<GetAnswer<Event>>("CalendarEvent/get", { accountId, ids: [id], properties: ["participants", "organizerCalendarAddress"] });
  const mine = ownIn(list[0]?.participants, list[0]?.organizerCalendarAddress, looked.mine ? [looked.mine.address] : []);
  if (!mine) throw new NotTaken("notForMe");
  const set = await jmap.call<SetAnswer>("CalendarEvent/set", { accountId, update: { [id]: answers(mine.id, given) }, sendSchedulingMessages: true });
  const refused = set.notUpdated?.[id];
  if (refused) throw new Refused(refused);
}

/** The id of the one time that a message is about; of the whole where there is no such time. */
async function instanceOf(accountId: Id, base: Id, { event, recurrenceId }: Looked): Promise<Id> {
  const all = await around(accountId, event && whenOf(event), ["baseEventId", "recurrenceId"]);
  return all.find((it) => it.baseEventId === base && it.recurrenceId === recurrenceId)?.id ?? base;
}

interface Found {
  id: Id;
  baseEventId?: Id | null;
  recurrenceId?: string | null;
  uid?: string;
  title?: string;
  status?: string;
  freeBusyStatus?: string;
}

/** What is in one's calendars while something is. */
async function around(accountId: Id, when: When | null, properties: string[]): Promise<Found[]> {
  if (!when) return [];
  const utc = (at: Date): string => at.toISOString().replace(/(\.\d+)?Z$/, "");
  const filter = { after: utc(when.start), before: utc(when.end) };
  const query = jmap.call<QueryAnswer>("CalendarEvent/query", { accountId, filter, expandRecurrences: true, timeZone: "Etc/UTC", limit: 20 });
  const get = jmap.call<GetAnswer<Found>>("CalendarEvent/get", { accountId, "#ids": jmap.from(query, "/ids"), properties: ["id", ...properties] });
  const [, { list }] = await Promise.all([query, get]);
  return list;
}

/** What else one has at that time. */
export async function conflicts(looked: Looked): Promise<string[]> {
  if (!looked.event) return [];
  const all = await around(await own(), whenOf(looked.event), ["uid", "title", "status", "freeBusyStatus"]);
  const others = all.filter((it) => it.uid !== looked.uid && it.status !== "cancelled" && it.freeBusyStatus !== "free");
  return others.map((it) => it.title ?? "");
}

/** What the calendar has of it, as it is before an update is taken. */
export async function before(eventId: Id): Promise<Event | null> {
  const { list } = await jmap.call<GetAnswer<Event>>("CalendarEvent/get", {
    accountId: await own(), ids: [eventId], properties: ["title", "start", "duration", "timeZone", "showWithoutTime", "locations"],
  });
  return list[0] ?? null;
}

export const placeOf = (event: Event | null): string => Object.values(event?.locations ?? {}).map((it) => it.name ?? "").filter(Boolean).join(", ");

/** JSCalendar's names of what an update changes, by what one calls it. */
const CHANGES: Readonly<Record<string, string>> = {
  title: "title", start: "time", duration: "time", timeZone: "time", showWithoutTime: "time", locations: "place", description: "description",
  participants: "people", organizerCalendarAddress: "people", recurrenceRule: "rule", recurrenceOverrides: "rule", status: "status",
};

/** What is changed, each once. */
export function changesOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => CHANGES[name] ?? "other"))].sort((a, b) => Number(a === "other") - Number(b === "other"));
}
