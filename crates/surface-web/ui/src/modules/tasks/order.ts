// In which order tasks stand: by day, under what they are a part of, by what one has chosen; and which ones words find.

import type { Id } from "../../lib/jmap/types";
import { addDays, startOfDay } from "../calendar/time";
import { isLate, keyOf, parentOf, whenOf, type Placed } from "./task";

export const SORTS = ["due", "priority", "title"] as const;
export type Sort = (typeof SORTS)[number];

export interface Branch {
  it: Placed;
  under: Branch[];
}

export interface Day {
  kind: "late" | "today" | "tomorrow" | "later";
  day: Date;
  tasks: Placed[];
}

type Compare = (one: Placed, other: Placed) => number;

/** Of what has nothing said, it comes last. */
export function by(sort: Sort, language: string): Compare {
  const { compare } = new Intl.Collator(language, { numeric: true });
  const title: Compare = (one, other) => compare(one.task.title ?? "", other.task.title ?? "");
  const due: Compare = (one, other) => (whenOf(one)?.getTime() ?? Infinity) - (whenOf(other)?.getTime() ?? Infinity) || 0;
  const priority: Compare = (one, other) => (one.task.priority || 10) - (other.task.priority || 10);
  const orders: Record<Sort, Compare[]> = { due: [due, priority, title], priority: [priority, due, title], title: [title, due] };
  return (one, other) => orders[sort].reduce((found, it) => found || it(one, other), 0);
}

/** Each task under what it is a part of, where that is among them. What goes round in a circle stands by itself. */
export function tree(all: readonly Placed[], order: Compare): Branch[] {
  // Of one UID there may be several, in lists of their own.
  const every = [...all].sort(order).map((it): Branch => ({ it, under: [] }));
  const branches = new Map(every.map((branch) => [uidOf(branch.it), branch]));
  const roots: Branch[] = [];
  for (const branch of every) {
    const above = aboveOf(branch.it, branches);
    (isUnder(above, branch, branches) ? roots : (above?.under ?? roots)).push(branch);
  }
  return roots;
}

function uidOf({ account, task }: Placed): string {
  return `${account} ${task.uid}`;
}

function aboveOf(it: Placed, branches: ReadonlyMap<string, Branch>): Branch | undefined {
  return branches.get(`${it.account} ${parentOf(it) ?? ""}`);
}

/** Whether `wanted` stands above `from`, or is it. */
function isUnder(from: Branch | undefined, wanted: Branch, branches: ReadonlyMap<string, Branch>): boolean {
  const seen = new Set<Branch>();
  for (let at = from; at && !seen.has(at); at = aboveOf(at.it, branches)) {
    if (at === wanted) return true;
    seen.add(at);
  }
  return false;
}

/** All that is a part of it, directly or not. */
export function below(it: Placed, all: readonly Placed[]): Placed[] {
  const found = new Set([it.task.uid]);
  const inAccount = all.filter((other) => other.account === it.account);
  for (let known = 0; known < found.size; ) {
    known = found.size;
    for (const other of inAccount) if (found.has(parentOf(other) ?? "")) found.add(other.task.uid);
  }
  return inAccount.filter((other) => other.task.uid !== it.task.uid && found.has(other.task.uid));
}

/** What is planned, late ones first and then day by day; what has no day is not among it. */
export function byDay(all: readonly Placed[], now: Date, order: Compare): Day[] {
  const today = startOfDay(now);
  const days = new Map<number, Day>();
  for (const it of [...all].sort(order)) {
    const when = whenOf(it);
    if (!when) continue;
    const late = isLate(it, now);
    // What was begun and has no end is for today.
    const day = late ? today : new Date(Math.max(startOfDay(when).getTime(), today.getTime()));
    const key = late ? 0 : day.getTime();
    const found = days.get(key) ?? { kind: late ? "late" : kindOf(day, today), day, tasks: [] };
    found.tasks.push(it);
    days.set(key, found);
  }
  return [...days].sort(([one], [other]) => one - other).map(([, it]) => it);
}

function kindOf(day: Date, today: Date): Day["kind"] {
  if (day.getTime() === today.getTime()) return "today";
  return day.getTime() === addDays(today, 1).getTime() ? "tomorrow" : "later";
}

/** Whether each of the words stands in it, without case and accents. */
export function has({ task }: Placed, words: string): boolean {
  const text = plain([task.title, task.description, ...Object.keys(task.keywords ?? {})].join(" "));
  return plain(words).split(/\s+/).every((word) => text.includes(word));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** The one beside it that it becomes a part of when it moves in: the one before it on its level. */
export function before(branches: readonly Branch[], key: string): Placed | null {
  for (const [at, { it, under }] of branches.entries()) {
    if (keyOf(it) === key) return branches[at - 1]?.it ?? null;
    const found = before(under, key);
    if (found) return found;
  }
  return null;
}

/** What it is a part of on the page, by its uid. */
export function above(it: Placed, all: readonly Placed[]): Placed | null {
  const uid = parentOf(it);
  return all.find((other) => other.account === it.account && other.task.uid === uid) ?? null;
}

export const isIn = (it: Placed, account: Id, list: Id): boolean => it.account === account && it.list === list;
