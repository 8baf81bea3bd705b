import { expect, test } from "vitest";
import { changes, clashes, draftOf, EMPTY, joined, made, split, type Draft } from "./draft";
import { following, shifted } from "./next";
import { placed, type Task } from "./task";
import { draftFrom, startFor, turned, typedOf, wrongWith } from "./typed";

process.env["TZ"] = "Europe/Paris";

const now = new Date("2026-11-28T09:00:00Z");
const task: Task = {
  id: "t", uid: "u", taskListId: "l", title: "Rapport", due: "2026-12-01T18:00:00", timeZone: "America/New_York", priority: 3, keywords: { a: true },
  alerts: { x: { trigger: { offset: "-PT15M", relativeTo: "end" }, action: "display" } },
};
const before = draftOf(placed("a", task));

function check(after: Partial<Draft>, expected: Record<string, unknown>): void {
  expect(changes(before, { ...before, ...after }, task, now)).toEqual(expected);
}

test("only what was changed is written", () => {
  check({}, {});
  check({ title: "Note" }, { title: "Note" });
  check({ description: "deux\nlignes" }, { description: "deux\nlignes" });
  check({ progress: "completed" }, { progress: "completed", percentComplete: 100, progressUpdated: "2026-11-28T09:00:00Z" });
  check({ percent: 40, progress: "in-process" }, { progress: "in-process", percentComplete: 40, progressUpdated: null });
  check({ keywords: [] }, { keywords: null });
  check({ alarm: "" }, { alerts: null });
  check({ list: "m", parent: "p" }, { taskListId: "m", relatedTo: { p: { "@type": "Relation", relation: { parent: true } } } });
  // What goes without hours goes without a zone; the alarm of what is not due any more is before its start.
  const day = { showWithoutTime: true, timeZone: null };
  check({ due: new Date(2026, 11, 24), isTimed: false }, { start: null, due: "2026-12-24T00:00:00", ...day });
  check({ due: null, start: new Date(2026, 11, 24), isTimed: false }, {
    start: "2026-12-24T00:00:00", due: null, ...day,
    alerts: { a: { "@type": "Alert", trigger: { "@type": "OffsetTrigger", offset: "-PT15M", relativeTo: "start" }, action: "display" } },
  });
});

test("a new one says what is known of it, and nothing else", () => {
  expect(made({ ...EMPTY, account: "a", list: "l", title: "x" }, now)).toEqual({ "@type": "Task", taskListId: "l", title: "x" });
  const all = made({ ...EMPTY, account: "a", list: "l", title: "x", due: new Date(2026, 11, 1), parent: "p", message: "m+1@a.test" }, now);
  expect(all).toEqual({
    "@type": "Task", taskListId: "l", title: "x", due: "2026-12-01T00:00:00", showWithoutTime: true,
    relatedTo: { p: { "@type": "Relation", relation: { parent: true } } }, links: { m: { "@type": "Link", href: "mid:m%2B1@a.test", rel: "describedby" } },
  });
  expect(draftOf(placed("a", { ...(all as unknown as Task), id: "t", uid: "u" })).message).toBe("m+1@a.test");
});

test("who changes the same meanwhile is told, who changes something else is not", () => {
  const mine = { ...before, title: "Mon titre" };
  expect(clashes(before, mine, { ...before, title: "Autre" })).toEqual(["title"]);
  expect(clashes(before, mine, { ...before, description: "Autre" })).toEqual([]);
  expect(clashes(before, mine, mine)).toEqual([]);
  expect(clashes(before, { ...before, due: null }, { ...before, isTimed: false })).toEqual(["start"]);
});

test("what another program says in its own way stays", () => {
  const far = draftOf(placed("a", { ...task, alerts: { ...task.alerts, y: { trigger: { offset: "-P1D" } } } }));
  expect(far.alarm).toBe("kept");
  expect(changes(far, { ...far, title: "Note" }, task, now)).toEqual({ title: "Note" });
  expect(draftFrom(typedOf(before), before)).toEqual(before);
});

test("fields of a form are read as they are said", () => {
  const typed = { ...typedOf(before), isTimed: false };
  expect(turned(typed)).toEqual({ start: "", due: "2026-12-02" });
  expect(turned({ ...typed, due: "2026-12-02", isTimed: true })).toEqual({ start: "", due: "2026-12-02T17:00" });
  // On the day on which it is due: "every Friday" is said of that day.
  expect(startFor({ ...typed, due: "2026-12-04" })).toBe("2026-12-04");
  expect(startFor({ ...typed, due: "2026-12-04T17:00", isTimed: true })).toBe("2026-12-04T09:00");
  expect(startFor({ ...typed, due: "2026-12-04T08:00", isTimed: true })).toBe("2026-12-04T07:59");
  expect(split(" a, b ،c,,a")).toEqual(["a", "b", "c"]);
  expect(joined(["a", "b"])).toBe("a, b");
  const at = (day: number) => new Date(2026, 11, day);
  const wrong = (more: Partial<Draft>) => wrongWith({ ...EMPTY, account: "a", list: "l", title: "x", ...more });
  expect(wrong({})).toBe("");
  expect(wrong({ title: "" })).toBe("title");
  expect(wrong({ start: at(2), due: at(1) })).toBe("times");
  expect(wrong({ start: at(1), due: at(1) })).toBe("");
  expect(wrong({ due: at(1), rule: { frequency: "daily" } })).toBe("repeat");
});

test("what repeats comes again", () => {
  const next = (rule: Parameters<typeof following>[0], start: string, expected: string | null) => {
    const found = following(rule, new Date(`${start}T09:00:00`));
    expect(found === null || found === "kept" ? found : found.start.toLocaleDateString("sv")).toBe(expected);
  };
  next({ frequency: "daily", interval: 3 }, "2026-11-28", "2026-12-01");
  next({ frequency: "weekly" }, "2026-11-28", "2026-12-05");
  next({ frequency: "weekly", byDay: [{ day: "mo" }, { day: "th" }] }, "2026-11-30", "2026-12-03");
  // Of every second week the one between is passed over.
  next({ frequency: "weekly", interval: 2, byDay: [{ day: "mo" }, { day: "th" }] }, "2026-12-03", "2026-12-14");
  next({ frequency: "weekly", interval: 2, byDay: [{ day: "mo" }] }, "2026-11-30", "2026-12-14");
  next({ frequency: "monthly" }, "2026-01-31", "2026-03-31");
  next({ frequency: "yearly" }, "2028-02-29", "2032-02-29");
  next({ frequency: "daily", count: 1 }, "2026-11-28", null);
  next({ frequency: "daily", until: "2026-11-28T23:59:59" }, "2026-11-28", null);
  next({ frequency: "monthly", byMonthDay: [1] }, "2026-11-28", "kept");
  expect(following({ frequency: "daily", count: 3 }, now)).toMatchObject({ rule: { count: 2 } });
  expect(shifted(new Date(2026, 2, 28, 18), new Date(2026, 2, 27, 9), new Date(2026, 2, 28, 9))).toEqual(new Date(2026, 2, 29, 18));
});
