// Tasks as JSCalendar has them (RFC 8984 §5.2), and as they are seen from where one is.

import type { Id } from "../../lib/jmap/types";
import type { Rule } from "../calendar/rule";
import { fromLocal, startOfDay } from "../calendar/time";

export const PROGRESSES = ["needs-action", "in-process", "completed", "cancelled"] as const;
/** Done, given up, or gone wrong: nothing is left to do. */
const OVER = ["completed", "cancelled", "failed"];

export type Relations = Record<string, { "@type"?: string; relation?: Record<string, boolean> }>;

export interface Task {
  id: Id;
  uid: string;
  taskListId: Id;
  title?: string;
  description?: string;
  start?: string | null;
  due?: string | null;
  timeZone?: string | null;
  showWithoutTime?: boolean;
  /** 1 is high, 5 middle, 9 low; 0 where nothing is said. */
  priority?: number;
  progress?: string;
  progressUpdated?: string | null;
  percentComplete?: number | null;
  keywords?: Record<string, boolean> | null;
  relatedTo?: Relations | null;
  /** One at most. */
  recurrenceRules?: Rule[] | null;
  /** What single times of it say otherwise, by when they begin. */
  recurrenceOverrides?: Record<string, Record<string, unknown>> | null;
  privacy?: string;
  alerts?: Record<Id, { trigger?: { offset?: string; relativeTo?: string }; action?: string }> | null;
  links?: Record<Id, { href: string; rel?: string; title?: string }> | null;
}

/** A task with where it is, and when, in this browser's zone. */
export interface Placed {
  account: Id;
  list: Id;
  task: Task;
  start: Date | null;
  due: Date | null;
  /** Whether it has hours, and not only days. */
  isTimed: boolean;
}

export const keyOf = ({ account, task }: { account: Id; task: { id: Id } }): string => `${account}/${task.id}`;

export function placed(account: Id, task: Task): Placed {
  const isTimed = task.showWithoutTime !== true && Boolean(task.start ?? task.due);
  // A day is the same day wherever one is; a time is another one elsewhere.
  const at = (text: string | null | undefined): Date | null => (text ? (isTimed ? momentOf(text, task.timeZone) : fromLocal(text)) : null);
  return { account, list: task.taskListId, task, start: at(task.start), due: at(task.due), isTimed };
}

export const isOver = ({ task }: Placed): boolean => OVER.includes(task.progress ?? "");

/** When it is planned for: when it is due, else when it begins. */
export const whenOf = ({ due, start }: Placed): Date | null => due ?? start;

/** Whether it should have been done by now: what is due on a day has all of that day. What has only begun is not late. */
export function isLate({ due, isTimed }: Placed, now: Date): boolean {
  return due !== null && due < (isTimed ? now : startOfDay(now));
}

/** What it is a part of, by its uid. */
export function parentOf({ task }: Placed): string | null {
  return Object.entries(task.relatedTo ?? {}).find(([, it]) => it.relation?.["parent"])?.[0] ?? null;
}

/** What it is related to when it becomes a part of `parent`, or of nothing; what else it is related to stays. */
export function relatedWith(before: Relations | null | undefined, parent: string | null): Relations | null {
  const others = Object.entries(before ?? {}).flatMap(([uid, it]): [string, Relations[string]][] => {
    const { parent: wasParent, ...rest } = it.relation ?? {};
    if (!wasParent) return [[uid, it]];
    return Object.keys(rest).length > 0 && uid !== parent ? [[uid, { ...it, relation: rest }]] : [];
  });
  const all: Relations = { ...Object.fromEntries(others), ...(parent ? { [parent]: { "@type": "Relation", relation: { parent: true } } } : {}) };
  return Object.keys(all).length > 0 ? all : null;
}

/** What it is when it is done, and what it was before, to be that again. */
export function done(now: Date): Partial<Task> {
  return { progress: "completed", percentComplete: 100, progressUpdated: now.toISOString().replace(/\.\d+/, "") };
}

export const UNDONE: Partial<Task> = { progress: "needs-action", percentComplete: 0, progressUpdated: null };

/** How it stands with it, for whoever takes a change of that back. */
export function standing({ task }: Placed): Partial<Task> {
  const { progress = "needs-action", percentComplete = 0, progressUpdated = null } = task;
  return { progress, percentComplete, progressUpdated };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The moment at which a wall in a zone says `text`; of no zone, or of one that nobody knows, a wall here. */
export function momentOf(text: string, zone: string | null | undefined): Date | null {
  const wall = fromLocal(text);
  if (!wall || !zone) return wall;
  const asUtc = Date.UTC(wall.getFullYear(), wall.getMonth(), wall.getDate(), wall.getHours(), wall.getMinutes(), wall.getSeconds());
  try {
    // The difference to UTC is the one of that moment, which the first guess misses where the clocks change in between.
    const guess = asUtc - ahead(asUtc, zone);
    return new Date(asUtc - ahead(guess, zone));
  } catch {
    return wall;
  }
}

/** How many milliseconds a wall in the zone is ahead of UTC. */
function ahead(moment: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    const [number, two] = ["numeric", "2-digit"] as const;
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: number, month: two, day: two, hour: two, minute: two, second: two });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(moment).map((it) => [it.type, Number(it.value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - moment;
}
