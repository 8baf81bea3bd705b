// What a form says of a task, and what of that is to be written.

import type { Id } from "../../lib/jmap/types";
import type { Rule } from "../calendar/rule";
import { zone } from "../calendar/event";
import { local, localDate } from "../calendar/time";
import { parentOf, relatedWith, UNDONE, done, type Placed, type Task } from "./task";

export interface Draft {
  account: Id;
  list: Id;
  title: string;
  description: string;
  start: Date | null;
  due: Date | null;
  /** Whether it has hours, and not only days. */
  isTimed: boolean;
  /** 1, 5 or 9; another program's as it is; 0 for none. */
  priority: number;
  progress: string;
  percent: number;
  keywords: readonly string[];
  rule: Rule | null;
  /** How long before it is due one is reminded, as a duration (`-PT15M`); empty for never, `kept` for what a form has no words for. */
  alarm: string;
  /** What it is a part of, by its uid. */
  parent: string | null;
  /** A message that it came from, by its identifier. */
  message: string;
}

export const EMPTY: Omit<Draft, "account" | "list"> = {
  title: "", description: "", start: null, due: null, isTimed: false, priority: 0, progress: "needs-action", percent: 0, keywords: [],
  rule: null, alarm: "", parent: null, message: "",
};

/** A message by its identifier (RFC 2392). */
const MID = "mid:";

export function draftOf(it: Placed): Draft {
  const { account, list, start, due, isTimed, task } = it;
  return {
    account, list, start, due, isTimed,
    title: task.title ?? "",
    description: task.description ?? "",
    priority: task.priority ?? 0,
    progress: task.progress ?? "needs-action",
    percent: task.percentComplete ?? 0,
    keywords: Object.keys(task.keywords ?? {}),
    rule: task.recurrenceRules?.[0] ?? null,
    alarm: alarmOf(task),
    parent: parentOf(it),
    message: messageOf(task),
  };
}

/** The one alarm that a form can say: so long before it is due, or before it begins where it is never due. */
function alarmOf({ alerts, due }: Task): string {
  const all = Object.values(alerts ?? {});
  if (all.length === 0) return "";
  const [{ trigger, action } = {}] = all;
  const isPlain = all.length === 1 && (trigger?.relativeTo ?? "start") === (due ? "end" : "start") && action !== "email";
  return isPlain && /^-P|^PT0S$/.test(trigger?.offset ?? "") ? (trigger?.offset ?? "") : "kept";
}

function messageOf({ links }: Task): string {
  const found = Object.values(links ?? {}).find((it) => it.href.startsWith(MID));
  if (!found) return "";
  try {
    return decodeURIComponent(found.href.slice(MID.length));
  } catch {
    return "";
  }
}

/** When it is, as JSCalendar has it. */
function times({ start, due, isTimed }: Draft): Partial<Task> {
  const text = (at: Date | null): string | null => at && (isTimed ? local(at) : `${localDate(at)}T00:00:00`);
  const has = start !== null || due !== null;
  return { start: text(start), due: text(due), showWithoutTime: has && !isTimed, timeZone: has && isTimed ? zone() : null };
}

/** All that a form says; `now` is when it was done, if it is. */
function said(draft: Draft, now: Date): Record<string, unknown> {
  const trigger = { "@type": "OffsetTrigger", offset: draft.alarm, relativeTo: draft.due ? "end" : "start" };
  const standing = draft.progress === "completed" ? done(now) : { ...UNDONE, progress: draft.progress, percentComplete: draft.percent };
  return {
    title: draft.title,
    ...times(draft),
    description: draft.description || null,
    priority: draft.priority,
    ...standing,
    keywords: draft.keywords.length > 0 ? Object.fromEntries(draft.keywords.map((it) => [it, true])) : null,
    recurrenceRules: draft.rule && [draft.rule],
    alerts: draft.alarm ? { a: { "@type": "Alert", trigger, action: "display" } } : null,
  };
}

/** A task that is made: without what it says nothing of. */
export function made(draft: Draft, now: Date): Record<string, unknown> {
  const links = draft.message ? { m: { "@type": "Link", href: `${MID}${encodeURIComponent(draft.message).replaceAll("%40", "@")}`, rel: "describedby" } } : null;
  const all = { ...said(draft, now), relatedTo: relatedWith(null, draft.parent), links };
  const isSaid = ([name, value]: [string, unknown]): boolean => value !== null && value !== 0 && value !== false && !(name === "progress" && value === "needs-action");
  return { "@type": "Task", taskListId: draft.list, ...Object.fromEntries(Object.entries(all).filter(isSaid)) };
}

/** What is written together, by what of a draft it comes from. */
const WRITTEN: readonly (readonly [of: readonly (keyof Draft)[], properties: readonly string[]])[] = [
  [["title"], ["title"]],
  [["description"], ["description"]],
  [["start", "due", "isTimed"], ["start", "due", "showWithoutTime", "timeZone"]],
  [["priority"], ["priority"]],
  [["progress", "percent"], ["progress", "percentComplete", "progressUpdated"]],
  [["keywords"], ["keywords"]],
  [["rule"], ["recurrenceRules"]],
  [["alarm"], ["alerts"]],
];

const differs = (one: Draft, other: Draft, names: readonly (keyof Draft)[]): boolean => names.some((it) => JSON.stringify(one[it]) !== JSON.stringify(other[it]));

/** Only what was changed is said, so that what another program wrote stays. `task` is what is there. */
export function changes(before: Draft, after: Draft, task: Task, now: Date): Record<string, unknown> {
  const all = said(after, now);
  const patch: Record<string, unknown> = {};
  for (const [of, properties] of WRITTEN) if (differs(before, after, of)) for (const name of properties) patch[name] = all[name];
  // What is due now and was not is what its alarm is before, and the other way round.
  if ((before.due === null) !== (after.due === null) && after.alarm && after.alarm !== "kept") patch["alerts"] = all["alerts"];
  if (after.alarm === "kept") delete patch["alerts"];
  if (before.parent !== after.parent) patch["relatedTo"] = relatedWith(task.relatedTo, after.parent);
  if (before.list !== after.list) patch["taskListId"] = after.list;
  return patch;
}

/** What somebody else has changed meanwhile, of what is to be changed now; by the names of a draft. */
export function clashes(before: Draft, after: Draft, there: Draft): (keyof Draft)[] {
  const sets: (keyof Draft)[][] = [...WRITTEN.map(([of]) => [...of]), ["parent"], ["list"]];
  return sets.filter((of) => differs(before, after, of) && differs(before, there, of) && differs(after, there, of)).map(([first]) => first as keyof Draft);
}

export const isSame = (one: Draft, other: Draft): boolean => !differs(one, other, Object.keys(one) as (keyof Draft)[]);

/** Words with commas between them, as a field has them. */
export const joined = (keywords: readonly string[]): string => keywords.join(", ");

export function split(text: string): string[] {
  return [...new Set(text.split(/[,،]/).map((it) => it.trim()).filter(Boolean))];
}
