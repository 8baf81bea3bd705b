// What recurs as its server has it, and changed there from one of its times on: the new series is made first, and the old one ends only where
// that was done. Nothing is lost where either fails.

import { jmap } from "../../lib/jmap/office";
import { Refused, type GetAnswer, type Id, type QueryAnswer, type SetAnswer } from "../../lib/jmap/types";
import { zone, type Time } from "./event";
import { asItWas, begun, countBefore, isOfRule, shifted, shortened, type Patch, type Place, type Series } from "./series";

/** Most instances that are told at once, and of how many days: fewer than any server here allows. */
const MOST = 500;
const DAYS = 1_000;
const DAY = 86_400_000;

/** It cannot be said by a rule from here on. */
export class NoRule extends Error {}

/** The old series did not end: the new one was taken away again, or stands beside it. */
export class NotEnded extends Error {
  constructor(
    readonly isDoubled: boolean,
    cause: unknown,
  ) {
    super("the series did not end", { cause });
  }
}

/** The series of a time. */
export async function seriesOf({ account, base }: Pick<Time, "account" | "base">): Promise<Series> {
  const { list: [series] } = await jmap.call<GetAnswer<Series>>("CalendarEvent/get", { accountId: account, ids: [base] });
  if (!series) throw new Refused({ type: "notFound" });
  return series;
}

/** The series of a time, and where it stands in it. */
export async function placeOf({ account, id, base }: Pick<Time, "account" | "id" | "base">): Promise<Place> {
  const one = jmap.call<GetAnswer<{ recurrenceId?: string }>>("CalendarEvent/get", { accountId: account, ids: [id], properties: ["recurrenceId"] });
  const [series, { list: [instance] }] = await Promise.all([seriesOf({ account, base }), one]);
  if (!instance) throw new Refused({ type: "notFound" });
  const at = instance.recurrenceId ?? series.start;
  const before = series.recurrenceRule?.count !== undefined && at > series.start ? countBefore(series, at, await told(account, series, at)) : 0;
  return { series, at, before };
}

/** Whether there is nothing before it: then all of it is meant. */
export const isFirst = ({ series, at, before }: Place): boolean => at <= series.start || (series.recurrenceRule?.count !== undefined && before === 0);

/** The recurrence ids of the times before one. */
async function told(accountId: Id, { uid, start, timeZone }: Series, at: string): Promise<string[]> {
  const all: string[] = [];
  for (let from = start; from < at; from = shifted(from, DAYS * DAY)) {
    const to = shifted(from, DAYS * DAY);
    for (let position = 0, isMore = true; isMore; position += MOST) {
      const query = jmap.call<QueryAnswer>("CalendarEvent/query", {
        accountId, filter: { uid, after: from, before: to < at ? to : at }, expandRecurrences: true, timeZone: timeZone ?? zone(), position, limit: MOST,
      });
      const get = jmap.call<GetAnswer<{ recurrenceId?: string }>>("CalendarEvent/get", { accountId, "#ids": jmap.from(query, "/ids"), properties: ["recurrenceId"] });
      const [{ ids }, { list }] = await Promise.all([query, get]);
      all.push(...list.flatMap((it) => it.recurrenceId ?? []));
      isMore = ids.length === MOST;
    }
  }
  return all;
}

/** Takes it back. */
export type Undo = () => Promise<void>;

const failed = (answer: SetAnswer, id: Id): Refused | null => {
  const error = answer.notCreated?.[id] ?? answer.notUpdated?.[id] ?? answer.notDestroyed?.[id];
  return error ? new Refused(error) : null;
};

/** What is not said to be done is not done. */
const unsaid = (answer: SetAnswer, id: Id): Refused | null => (id in (answer.updated ?? {}) ? null : new Refused({ type: "serverFail" }));

export async function set(accountId: Id, tells: boolean, change: { update?: Record<Id, Patch>; destroy?: Id[] }): Promise<void> {
  const answer = await jmap.call<SetAnswer>("CalendarEvent/set", { accountId, ...change, sendSchedulingMessages: tells });
  for (const id of [...Object.keys(change.update ?? {}), ...(change.destroy ?? [])]) {
    const error = failed(answer, id);
    if (error) throw error;
  }
}

/** Changes a series from a time on. */
export async function changeFrom({ account, base }: Pick<Time, "account" | "base">, place: Place, patch: Patch, tells: boolean): Promise<Undo> {
  const uid = crypto.randomUUID();
  const made = isOfRule(place) ? begun(place, patch, uid) : null;
  if (!made) throw new NoRule();
  const common = { sendSchedulingMessages: tells };
  const create = jmap.call<SetAnswer>("CalendarEvent/set", { accountId: account, create: { e: made }, ...common });
  // Of what was not made there is no id to refer to, and what refers to this is not done either (RFC 8620 §3.7).
  const echo = jmap.call("Core/echo", { account, "#made": jmap.from(create, "/created/e/id") });
  const end = jmap.call<SetAnswer>("CalendarEvent/set", { "#accountId": jmap.from(echo, "/account"), update: { [base]: shortened(place, uid) }, ...common });
  const [created, , ended] = await Promise.allSettled([create, echo, end]);
  if (created.status === "rejected") throw created.reason;
  const refused = failed(created.value, "e");
  if (refused) throw refused;
  const id = created.value.created?.["e"]?.id as Id;
  const why: unknown = ended.status === "rejected" ? ended.reason : (failed(ended.value, base) ?? unsaid(ended.value, base));
  if (why) {
    const isGone = await set(account, tells, { destroy: [id] }).then(() => true, () => false);
    throw new NotEnded(!isGone, why);
  }
  // The old one goes on before the new one goes: a time that is there twice is better than one that is lost.
  return async () => {
    await set(account, tells, { update: { [base]: asItWas(place.series) } });
    await set(account, tells, { destroy: [id] });
  };
}

/** Ends a series before a time. */
export async function endBefore({ account, base }: Pick<Time, "account" | "base">, place: Place, tells: boolean): Promise<Undo> {
  if (!isOfRule(place)) throw new NoRule();
  await set(account, tells, { update: { [base]: shortened(place, null) } });
  return () => set(account, tells, { update: { [base]: asItWas(place.series) } });
}
