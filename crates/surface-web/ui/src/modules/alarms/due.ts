// When alarms are due (RFC 8984 §4.5.2, RFC 9074): of events and tasks as JMAP tells them. Nothing is asked here, and no clock is read.

import type { Id } from "../../lib/jmap/types";
import { addDays } from "../calendar/time";

export interface Alert {
  trigger?: { offset?: string; relativeTo?: string; when?: string };
  action?: string;
  acknowledged?: string;
}

/** An event or a task at one of its times. */
export interface Thing {
  kind: "event" | "task";
  id: Id;
  /** Of what recurs; the same as `id` for what does not. */
  base: Id;
  title: string;
  place: string;
  start: Date | null;
  /** Or when it is due. */
  end: Date | null;
  /** Whether it has days and no hours. */
  isOfDays: boolean;
  alerts: Readonly<Record<Id, Alert>>;
}

/** One alarm of a thing, when it is due. */
export interface Ring {
  /** Which, and when: says nothing of what it is. */
  key: string;
  thing: Thing;
  alert: Id;
  due: Date;
  /** Whether somebody has seen it after it was due (RFC 9074 §6.1): it rings only where it was put off. */
  isSeen: boolean;
}

/** Until when those that were put off are silent, in milliseconds; `Infinity` for those that are done. */
export type Silent = ReadonlyMap<string, number>;

/** How long after its time a task may still ring: it is over when it is done, whenever that is. */
const LATE = 86_400_000;
/** How long ago an alarm of an event that has a moment of its own may have been: programs write one long past (1976) to say that there is none. */
const NONE = 30 * LATE;

/** Before or after a moment; days are those of the wall. */
export function after(moment: Date, offset: string): Date | null {
  const found = /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(offset);
  if (!found) return null;
  const sign = found[1] === "-" ? -1 : 1;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(2).map((it) => Number(it ?? 0));
  const on = addDays(moment, sign * (weeks * 7 + days));
  return new Date(on.getTime() + sign * ((hours * 60 + minutes) * 60 + seconds) * 1000);
}

/** The alarms of a thing that show something. */
export function ringsOf(thing: Thing): Ring[] {
  return Object.entries(thing.alerts).flatMap(([alert, { trigger, action, acknowledged }]) => {
    if (action === "email" || !trigger) return [];
    const from = trigger.relativeTo === "end" ? thing.end : (thing.start ?? thing.end);
    const due = trigger.when ? new Date(trigger.when) : from && trigger.offset ? after(from, trigger.offset) : null;
    if (!due || Number.isNaN(due.getTime())) return [];
    // What is set for a moment of its own rings once then, however often its thing recurs.
    const whose = trigger.when ? thing.base : thing.id;
    return [{ key: `${whose}/${alert} ${due.toISOString()}`, thing, alert, due, isSeen: acknowledged !== undefined && new Date(acknowledged) >= due }];
  });
}

/** Whether it makes no sense any more: it is over, or was due long ago. */
function isLate({ thing, alert, due }: Ring, now: number): boolean {
  if (thing.kind === "task") return due.getTime() < now - LATE;
  if (thing.alerts[alert]?.trigger?.when && due.getTime() < now - NONE) return true;
  return (thing.end ?? thing.start ?? due).getTime() <= now && due.getTime() < now - 60_000;
}

/** When one rings, by what was put off. */
const at = (ring: Ring, silent: Silent): number => silent.get(ring.key) ?? (ring.isSeen ? Infinity : ring.due.getTime());

/** Those that ring now, the first first, each once. What was put off rings though its thing is over: somebody has asked for it. */
export function dueBy(rings: readonly Ring[], now: number, silent: Silent): Ring[] {
  const due = rings.filter((it) => at(it, silent) <= now && (silent.has(it.key) || !isLate(it, now)));
  const sorted = due.sort((a, b) => a.due.getTime() - b.due.getTime());
  return sorted.filter((it, at) => sorted.findIndex((other) => other.key === it.key) === at);
}

/** When the next one rings. */
export function nextAfter(rings: readonly Ring[], now: number, silent: Silent): number {
  return Math.min(...rings.map((it) => at(it, silent)).filter((it) => it > now));
}
