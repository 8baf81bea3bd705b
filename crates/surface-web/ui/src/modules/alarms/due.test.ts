import { expect, test } from "vitest";
import { after, dueBy, nextAfter, ringsOf, type Alert, type Thing } from "./due";

const at = (hour: number, minute = 0): Date => new Date(2026, 10, 28, hour, minute);

function thing(alerts: Record<string, Alert>, more: Partial<Thing> = {}): Thing {
  return { kind: "event", id: "O1", base: "E1", title: "Jury", place: "", start: at(10), end: at(11), isOfDays: false, alerts, ...more };
}

const before = (offset: string): Alert => ({ trigger: { offset } });

test("an alarm is due by its start, its end or a time of its own", () => {
  const due = (alert: Alert, more: Partial<Thing> = {}) => ringsOf(thing({ a: alert }, more)).map((it) => it.due);
  expect(due(before("-PT15M"))).toEqual([at(9, 45)]);
  expect(due(before("PT5M"))).toEqual([at(10, 5)]);
  expect(due({ trigger: { offset: "-PT5M", relativeTo: "end" } })).toEqual([at(10, 55)]);
  expect(due({ trigger: { when: at(8).toISOString() } })).toEqual([at(8)]);
  // A task without a start is counted from when it is due.
  expect(due(before("-PT1H"), { kind: "task", start: null })).toEqual([at(10)]);
  for (const silent of [{ ...before("-PT15M"), action: "email" }, {}, before("soon"), { trigger: { when: "soon" } }]) expect(due(silent)).toEqual([]);
});

test("a day before is the same hour of the day before", () => {
  // The clocks change between the two in most of Europe.
  const start = new Date(2026, 9, 25, 10);
  expect(after(start, "-P1D")).toEqual(new Date(2026, 9, 24, 10));
  expect(after(start, "-P1W")).toEqual(new Date(2026, 9, 18, 10));
});

test("what was seen after it was due is done with, and what was seen before is not", () => {
  const seen = (acknowledged: Date) => ringsOf(thing({ a: { ...before("-PT15M"), acknowledged: acknowledged.toISOString() } }));
  const ring = (acknowledged: Date, silent = new Map<string, number>()) => dueBy(seen(acknowledged), at(10).getTime(), silent).length;
  expect([ring(at(9, 45)), ring(at(9, 44))]).toEqual([0, 1]);
  // What was put off says so to other programs, and rings here all the same.
  const key = seen(at(9, 45))[0]?.key ?? "";
  expect([ring(at(9, 45), new Map([[key, at(10).getTime()]])), ring(at(9, 45), new Map([[key, at(10, 1).getTime()]]))]).toEqual([1, 0]);
});

test("what is set for a moment of its own rings once, and none where that is long past", () => {
  const set = (when: Date, more: Partial<Thing> = {}) => ringsOf(thing({ a: { trigger: { when: when.toISOString() } } }, more));
  const ring = (when: Date, more: Partial<Thing> = {}) => dueBy(set(when, more), at(10, 30).getTime(), new Map()).length;
  // As other programs write that there is none.
  expect([ring(new Date("1976-04-01T00:55:45Z")), ring(new Date("1976-04-01T00:55:45Z"), { kind: "task" }), ring(new Date(2026, 10, 1))]).toEqual([0, 0, 1]);
  const times = ["O1", "O2"].flatMap((id) => set(at(10), { id }));
  const [one, ...others] = dueBy(times, at(10, 30).getTime(), new Map());
  expect([one?.thing.id, others.length]).toEqual(["O1", 0]);
  expect(dueBy(times, at(10, 30).getTime(), new Map([[one?.key ?? "", Infinity]]))).toEqual([]);
  // What is counted from each of the times rings for each.
  expect(dueBy(["O1", "O2"].flatMap((id) => ringsOf(thing({ a: before("-PT15M") }, { id }))), at(10).getTime(), new Map())).toHaveLength(2);
});

test("it rings from when it is due until the event is over", () => {
  const rings = ringsOf(thing({ a: before("-PT15M") }));
  const ring = (now: Date, silent = new Map<string, number>()) => dueBy(rings, now.getTime(), silent).length;
  expect([at(9, 44), at(9, 45), at(10, 59), at(11)].map((now) => ring(now))).toEqual([0, 1, 1, 0]);
  const key = rings[0]?.key ?? "";
  expect(key).not.toContain("Jury");
  const off = new Map([[key, at(11, 5).getTime()]]);
  expect([ring(at(11), off), ring(at(11, 5), off), ring(at(12), new Map([[key, Infinity]]))]).toEqual([0, 1, 0]);
  expect(nextAfter(rings, at(9).getTime(), new Map())).toBe(at(9, 45).getTime());
  expect(nextAfter(rings, at(10).getTime(), off)).toBe(at(11, 5).getTime());
  expect(nextAfter(rings, at(10).getTime(), new Map())).toBe(Infinity);
});

test("a task rings for a day, and an event at its very end once", () => {
  const task = ringsOf(thing({ a: before("PT0S") }, { kind: "task", start: null }));
  expect(dueBy(task, at(20).getTime(), new Map())).toHaveLength(1);
  expect(dueBy(task, at(35, 1).getTime(), new Map())).toHaveLength(0);
  const end = ringsOf(thing({ a: { trigger: { offset: "PT0S", relativeTo: "end" } } }));
  expect(dueBy(end, at(11).getTime(), new Map())).toHaveLength(1);
});
