// Events and tasks of one's own with alarms, as the server tells them, and what was seen of them as it is written there.

import { jmap } from "../../lib/jmap/office";
import type { GetAnswer, Id, QueryAnswer, SetAnswer } from "../../lib/jmap/types";
import { local } from "../calendar/time";
import type { Alert, Ring, Thing } from "./due";

export const CALENDARS = "urn:ietf:params:jmap:calendars";
export const TASKS = "urn:ietf:params:jmap:tasks";
/** Alarms are told of what is as far behind or ahead as this, in days: one that is set earlier is not seen. */
const BEHIND = 1;
const AHEAD = 15;
/** Most that are told at once. */
const MOST = 500;
const DAY = 86_400_000;

interface Told {
  id: Id;
  baseEventId?: Id | null;
  baseTaskId?: Id | null;
  title?: string;
  start?: string | null;
  due?: string | null;
  showWithoutTime?: boolean;
  utcStart?: string | null;
  utcEnd?: string | null;
  utcDue?: string | null;
  status?: string;
  progress?: string;
  locations?: Record<Id, { name?: string }> | null;
  participants?: Record<Id, { roles?: Record<string, boolean>; participationStatus?: string }> | null;
  alerts?: Record<Id, Alert> | null;
}

interface Series {
  alerts?: Record<Id, Alert> | null;
  recurrenceOverrides?: Record<string, Record<string, unknown>> | null;
}

const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const COMMON = ["id", "title", "showWithoutTime", "utcStart", "locations", "alerts"];

/** Of events and of tasks. */
export interface Known<T> {
  events: T;
  tasks: T;
}

/** All that may ring soon; `null` where it cannot be asked for: who knows nothing of tasks knows of events all the same. */
export async function things(now: Date): Promise<Known<Thing[] | null>> {
  const { primaryAccounts } = await jmap.session();
  const [events, tasks] = [primaryAccounts[CALENDARS], primaryAccounts[TASKS]];
  const filter = { after: local(new Date(now.getTime() - BEHIND * DAY)), before: local(new Date(now.getTime() + AHEAD * DAY)) };
  const of = async (account: Id | undefined, type: string, properties: readonly string[], more = {}): Promise<Told[]> => {
    if (!account) return [];
    const query = jmap.call<QueryAnswer>(`${type}/query`, { accountId: account, filter, expandRecurrences: true, timeZone: zone(), limit: MOST });
    const get = jmap.call<GetAnswer<Told>>(`${type}/get`, { accountId: account, "#ids": jmap.from(query, "/ids"), properties: [...COMMON, ...properties], timeZone: zone(), ...more });
    const [, { list }] = await Promise.all([query, get]);
    return list;
  };
  const [told, toDo] = await Promise.allSettled([
    of(events, "CalendarEvent", ["baseEventId", "utcEnd", "status", "participants"], { reduceParticipants: true }),
    of(tasks, "Task", ["baseTaskId", "utcDue", "progress"]),
  ]);
  const isSet = ({ alerts }: Told): boolean => Object.keys(alerts ?? {}).length > 0;
  return {
    events: told.status === "rejected" ? null : told.value.filter((it) => isSet(it) && !isOff(it)).map((it) => thing("event", it)),
    tasks: toDo.status === "rejected" ? null : toDo.value.filter((it) => isSet(it) && !isOver(it)).map((it) => thing("task", it)),
  };
}

/** What is called off, or to what one does not go. */
const isOff = ({ status, participants }: Told): boolean =>
  status === "cancelled" || Object.values(participants ?? {}).some((it) => !it.roles?.["owner"] && it.participationStatus === "declined");
const isOver = ({ progress }: Told): boolean => ["completed", "cancelled", "failed"].includes(progress ?? "");

function thing(kind: Thing["kind"], told: Told): Thing {
  const moment = (text: string | null | undefined): Date | null => (text ? new Date(text) : null);
  return {
    kind, id: told.id, base: told.baseEventId ?? told.baseTaskId ?? told.id, title: told.title ?? "",
    place: Object.values(told.locations ?? {}).map((it) => it.name ?? "").filter(Boolean).join(", "),
    start: moment(told.utcStart), end: moment(kind === "event" ? told.utcEnd : told.utcDue), isOfDays: told.showWithoutTime === true, alerts: told.alerts ?? {},
  };
}

/**
 * Writes that an alarm was seen (RFC 9074 §6.1), so that other programs are silent too: in the whole, which is silent up to then and rings for
 * later times; in the one time where that has alarms of its own. What is set for a moment of its own is of all of them. Whether it was written.
 */
export async function seen({ thing, alert }: Ring, now: Date): Promise<boolean> {
  const { kind, id, base } = thing;
  const type = kind === "event" ? "CalendarEvent" : "Task";
  const { primaryAccounts } = await jmap.session();
  const accountId = primaryAccounts[kind === "event" ? CALENDARS : TASKS];
  if (!accountId) return false;
  let which = id;
  if (base !== id) {
    const whole = jmap.call<GetAnswer<Series>>(`${type}/get`, { accountId, ids: [base], properties: ["alerts", "recurrenceOverrides"] });
    const one = jmap.call<GetAnswer<{ recurrenceId?: string }>>(`${type}/get`, { accountId, ids: [id], properties: ["recurrenceId"] });
    const [{ list: [series] }, { list: [instance] }] = await Promise.all([whole, one]);
    const isOtherwise = Object.keys(series?.recurrenceOverrides?.[instance?.recurrenceId ?? ""] ?? {}).length > 0;
    const ofAll = series?.alerts?.[alert];
    const isOnce = ofAll?.trigger?.when !== undefined && ofAll.trigger.when === thing.alerts[alert]?.trigger?.when;
    if (ofAll && (isOnce || !isOtherwise)) which = base;
  }
  const acknowledged = now.toISOString().replace(/\.\d+Z$/, "Z");
  const told = kind === "event" ? { sendSchedulingMessages: false } : {};
  const answer = await jmap.call<SetAnswer>(`${type}/set`, { accountId, update: { [which]: { [`alerts/${alert}/acknowledged`]: acknowledged } }, ...told });
  return !answer.notUpdated?.[which];
}
