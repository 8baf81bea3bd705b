import { beforeEach, expect, test, vi } from "vitest";

// Each test has the module anew, with all that it is made of.
vi.setConfig({ testTimeout: 30_000 });

const [one, other] = [{ id: "P1", name: "Ada" }, { id: "P2", name: "Emmy" }];
const week = (day: number): [Date, Date] => [new Date(2026, 10, day), new Date(2026, 10, day + 7)];
const busy = { utcStart: "2026-11-03T09:00:00Z", utcEnd: "2026-11-03T10:00:00Z", busyStatus: "confirmed" };

/** What the server says of each. */
let told: Record<string, object> = {};
let account = "A1";
vi.mock("../../lib/jmap/office", () => ({
  events: { listen: () => () => undefined },
  jmap: {
    session: () => Promise.resolve({ accounts: {}, primaryAccounts: { "urn:ietf:params:jmap:principals": account, "urn:ietf:params:jmap:calendars": account } }),
    call: (_method: string, { id }: { id: string }) => (told[id] ? Promise.resolve(told[id]) : Promise.reject(new Error("serverFail"))),
  },
}));

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
});

beforeEach(() => {
  kept.clear();
  vi.resetModules();
  [told, account] = [{}, "A1"];
});

const fresh = async () => (await import("./colleagues.svelte")).colleagues;

test("of whom it cannot be asked now, one says so, and of the others what is told", async () => {
  const colleagues = await fresh();
  told = { P1: { list: [busy] }, P2: { list: [busy] } };
  await colleagues.load(...week(2));
  for (const it of [one, other]) colleagues.add(it.id, it.name);
  await colleagues.refresh();
  expect(colleagues.taken.map((it) => it.of.id)).toEqual(["P1", "P2"]);
  // In the same days it stays as it was.
  told = { P2: { list: [busy] } };
  await colleagues.refresh();
  expect([colleagues.taken.length, colleagues.isAway("P1"), colleagues.isAway("P2"), colleagues.isUntold("P1")]).toEqual([2, true, false, false]);
  // In other days nothing is known.
  await colleagues.load(...week(9));
  expect([colleagues.taken.map((it) => it.of.id), colleagues.isAway("P1")]).toEqual([["P2"], true]);
  told = {};
  await colleagues.load(...week(16));
  expect([colleagues.taken.length, colleagues.isAway("P1"), colleagues.isAway("P2")]).toEqual([0, true, true]);
});

test("whom one has chosen is kept for oneself, and not for who sits here next", async () => {
  kept.set("office.calendar.colleagues", JSON.stringify([{ ...one, isShown: true, colour: "#c2410c" }]));
  const mine = await fresh();
  await mine.load(...week(2));
  expect([mine.all, kept.size]).toEqual([[], 0]);
  mine.add(one.id, one.name);
  vi.resetModules();
  account = "A2";
  const theirs = await fresh();
  await theirs.load(...week(2));
  expect(theirs.all).toEqual([]);
  vi.resetModules();
  account = "A1";
  const again = await fresh();
  await again.load(...week(2));
  expect(again.all.map((it) => it.name)).toEqual(["Ada"]);
});
