import { expect, test } from "vitest";
import { before, below, by, byDay, has, tree } from "./order";
import { done, isLate, momentOf, placed, relatedWith, type Placed, type Task } from "./task";

process.env["TZ"] = "Europe/Paris";

const now = new Date(2026, 10, 28, 10, 0);

function task(uid: string, more: Partial<Task> = {}): Placed {
  return placed("a", { id: uid, uid, taskListId: "l", title: uid, ...more });
}

const part = (of: string) => ({ relatedTo: { [of]: { relation: { parent: true } } } });

/** As `late: x; today: y, z; 2026-12-01: w`. */
function days(tasks: Placed[], expected: string): void {
  const found = byDay(tasks, now, by("due", "en"));
  const text = found.map(({ kind, day, tasks: on }) => `${kind === "later" ? day.toLocaleDateString("sv") : kind}: ${on.map((it) => it.task.uid).join(", ")}`);
  expect(text.join("; ")).toBe(expected);
}

test("a wall in another zone says another time", () => {
  const moment = (text: string, zone: string | null, expected: string) => expect(momentOf(text, zone)?.toISOString()).toBe(expected);
  moment("2026-11-28T10:00:00", null, "2026-11-28T09:00:00.000Z");
  moment("2026-11-28T10:00:00", "America/New_York", "2026-11-28T15:00:00.000Z");
  // On either side of the night in which the clocks go forward there.
  moment("2026-03-08T01:30:00", "America/New_York", "2026-03-08T06:30:00.000Z");
  moment("2026-03-08T03:30:00", "America/New_York", "2026-03-08T07:30:00.000Z");
  moment("2026-11-28T10:00:00", "Nowhere/Land", "2026-11-28T09:00:00.000Z");
  expect(momentOf("soon", "Europe/Paris")).toBeNull();
});

test("tasks are grouped by the day on which they are due here", () => {
  days([task("none")], "");
  days([task("b", { due: "2026-11-28T18:00:00", timeZone: "Europe/Paris" }), task("a", { due: "2026-11-28T11:00:00", timeZone: "Europe/Paris" })], "today: a, b");
  // At half past eleven of the evening in New York it is Sunday here.
  days([task("far", { due: "2026-11-28T23:30:00", timeZone: "America/New_York" })], "tomorrow: far");
  // A day is that day everywhere.
  days([task("day", { due: "2026-11-28T00:00:00", showWithoutTime: true })], "today: day");
  days([task("gone", { due: "2026-11-27T00:00:00", showWithoutTime: true }), task("old", { due: "2026-11-28T09:59:00" })], "late: gone, old");
  // What was begun is for today until it is done; what begins later is for then.
  days([task("begun", { start: "2026-11-01T00:00:00", showWithoutTime: true }), task("later", { start: "2026-12-01T09:00:00" })], "today: begun; 2026-12-01: later");
});

test("what is due on a day is late when that day is over", () => {
  expect(isLate(task("a", { due: "2026-11-28T00:00:00", showWithoutTime: true }), now)).toBe(false);
  expect(isLate(task("a", { due: "2026-11-28T00:00:00", showWithoutTime: true }), new Date(2026, 10, 29, 0, 1))).toBe(true);
  expect(isLate(task("a", { start: "2026-11-01T00:00:00", showWithoutTime: true }), now)).toBe(false);
});

/** The tree as `a(b(c) d) e`. */
function shown(branches: ReturnType<typeof tree>): string {
  return branches.map(({ it, under }) => it.task.uid + (under.length > 0 ? `(${shown(under)})` : "")).join(" ");
}

test("parts stand under what they are a part of", () => {
  const check = (tasks: Placed[], expected: string) => expect(shown(tree(tasks, by("title", "en")))).toBe(expected);
  check([task("c", part("b")), task("b", part("a")), task("a"), task("d", part("a"))], "a(b(c) d)");
  check([task("b", part("away")), task("a")], "a b");
  // What goes round in a circle is lost to nobody.
  check([task("a", part("b")), task("b", part("a")), task("c", part("a"))], "a(c) b");
  check([task("a", part("a"))], "a");
  // The same uid in another account is another task.
  check([task("a"), { ...task("b", part("a")), account: "other" }], "a b");
});

test("what is below goes with it, and what moves in goes under the one before", () => {
  const all = [task("a"), task("b", part("a")), task("c", part("b")), task("d")];
  expect(below(all[0] as Placed, all).map((it) => it.task.uid)).toEqual(["b", "c"]);
  const circle = [task("a", part("b")), task("b", part("a"))];
  expect(below(circle[0] as Placed, circle).map((it) => it.task.uid)).toEqual(["b"]);
  const branches = tree(all, by("title", "en"));
  expect(before(branches, "a/d")?.task.uid).toBe("a");
  expect(before(branches, "a/a")).toBeNull();
  expect(before(branches, "a/b")).toBeNull();
});

test("sorted by day, priority or title, what says nothing last", () => {
  const all = [task("c", { priority: 9 }), task("b", { priority: 1, due: "2026-12-02T10:00:00" }), task("a10"), task("a9", { due: "2026-12-01T10:00:00" })];
  const sorted = (sort: "due" | "priority" | "title") => [...all].sort(by(sort, "en")).map((it) => it.task.uid).join(" ");
  expect(sorted("due")).toBe("a9 b c a10");
  expect(sorted("priority")).toBe("b c a9 a10");
  expect(sorted("title")).toBe("a9 a10 b c");
});

test("words are found without case and accents, each of them", () => {
  const it = task("x", { title: "Préparer l’Été", description: "salle B", keywords: { école: true } });
  for (const [words, expected] of [["ete prep", true], ["ÉCOLE", true], ["salle z", false], ["b ecole", true]] as const) expect(has(it, words), words).toBe(expected);
});

test("another parent leaves other relations alone", () => {
  expect(relatedWith(null, "p")).toEqual({ p: { "@type": "Relation", relation: { parent: true } } });
  expect(relatedWith({ p: { relation: { parent: true } }, s: { relation: { sibling: true } } }, null)).toEqual({ s: { relation: { sibling: true } } });
  expect(relatedWith({ p: { relation: { parent: true, next: true } } }, null)).toEqual({ p: { relation: { next: true } } });
  expect(relatedWith({ p: { relation: { parent: true } } }, null)).toBeNull();
});

test("when something was done is told to the second", () => {
  expect(done(new Date("2026-11-28T09:00:00.123Z"))).toEqual({ progress: "completed", percentComplete: 100, progressUpdated: "2026-11-28T09:00:00Z" });
});
