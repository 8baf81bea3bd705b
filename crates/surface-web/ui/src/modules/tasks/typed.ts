// A draft as the fields of a form have it, and back.

import { fieldsOf, ruleOf, type Fields } from "../calendar/rule";
import { fromLocal, local, localDate } from "../calendar/time";
import { joined, split, type Draft } from "./draft";

export interface Typed {
  title: string;
  description: string;
  start: string;
  due: string;
  isTimed: boolean;
  priority: number;
  progress: string;
  percent: number;
  words: string;
  alarm: string;
  parent: string;
  list: string;
  rule: Fields;
}

/** When a day's work begins and ends, where an hour is asked for and none was said. */
const [BEGINS, ENDS] = ["09:00", "17:00"];

export function typedOf(draft: Draft): Typed {
  const { title, description, isTimed, priority, progress, percent, alarm, list } = draft;
  const text = (at: Date | null): string => (at ? (isTimed ? local(at).slice(0, 16) : localDate(at)) : "");
  return {
    title, description, isTimed, priority, progress, percent, alarm, list,
    start: text(draft.start), due: text(draft.due), words: joined(draft.keywords), parent: draft.parent ?? "", rule: fieldsOf(draft.rule),
  };
}

export function draftFrom(typed: Typed, begun: Draft): Draft {
  const { title, description, isTimed, priority, progress, alarm, list } = typed;
  // A field for hours that shows minutes leaves seconds as they were.
  const same = typedOf(begun);
  const at = (name: "start" | "due"): Date | null => (same[name] === typed[name] && same.isTimed === isTimed ? begun[name] : fromLocal(typed[name]));
  return {
    ...begun, title: same.title === title ? begun.title : title.trim(), description, isTimed, priority, progress, alarm, list,
    percent: Math.max(0, Math.min(100, Math.round(typed.percent || 0))),
    start: at("start"), due: at("due"),
    keywords: same.words === typed.words ? begun.keywords : split(typed.words),
    parent: typed.parent || null,
    rule: ruleOf(typed.rule, begun.rule),
  };
}

/** A field of another kind has the same day. */
export function turned(typed: Typed): Pick<Typed, "start" | "due"> {
  const text = (value: string, hour: string): string => (value && (typed.isTimed ? `${value.slice(0, 10)}T${hour}` : value.slice(0, 10)));
  return { start: text(typed.start, BEGINS), due: text(typed.due, ENDS) };
}

/** What repeats has a start: the day on which it is due, where none was said, since the days of a rule are those of its start. */
export function startFor(typed: Typed): string {
  const due = fromLocal(typed.due);
  if (typed.start || !due) return typed.start;
  if (!typed.isTimed) return localDate(due);
  const begins = `${localDate(due)}T${BEGINS}`;
  return begins < typed.due ? begins : local(new Date(due.getTime() - 60_000)).slice(0, 16);
}

/** What is wrong with it: the end of a message's name; empty for nothing. */
export function wrongWith({ title, start, due, rule }: Draft): "" | "title" | "times" | "repeat" {
  if (!title) return "title";
  if (rule && !start) return "repeat";
  return start && due && due < start ? "times" : "";
}
