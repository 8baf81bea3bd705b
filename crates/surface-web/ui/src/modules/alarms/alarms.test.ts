import { beforeEach, expect, test, vi } from "vitest";

// Each test has the module anew, with all that it is made of.
vi.setConfig({ testTimeout: 30_000 });

const MINUTE = 60_000;
const now = new Date("2026-11-28T09:00:00Z");
const inMinutes = (minutes: number): string => new Date(now.getTime() + minutes * MINUTE).toISOString();
const event = { id: "O1", title: "Jury", utcStart: inMinutes(30), utcEnd: inMinutes(90), alerts: { a: { trigger: { offset: "-PT15M" } } } };
const task = { id: "T1", title: "Notes", utcStart: inMinutes(20), alerts: { a: { trigger: { offset: "-PT15M" } } } };

/** What the server answers; what is not there fails, and `null` never comes. */
let answers: Record<string, object> | null = {};
vi.mock("../../lib/jmap/office", () => ({
  events: { listen: () => () => undefined },
  jmap: {
    session: () => Promise.resolve({ primaryAccounts: { "urn:ietf:params:jmap:calendars": "A1", "urn:ietf:params:jmap:tasks": "A1" } }),
    from: () => null,
    call: (method: string) => (answers === null ? new Promise(() => undefined) : answers[method] ? Promise.resolve(answers[method]) : Promise.reject(new Error("away"))),
  },
}));
vi.mock("../../lib/notification", () => ({ mayTell: () => false, tell: () => undefined }));

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) });
const page = new EventTarget();
vi.stubGlobal("document", Object.assign(page, { visibilityState: "visible", documentElement: { dataset: {} } }));
const others = new EventTarget();
vi.stubGlobal("addEventListener", others.addEventListener.bind(others));
vi.stubGlobal("removeEventListener", others.removeEventListener.bind(others));

const told = { "CalendarEvent/query": { ids: ["O1"] }, "CalendarEvent/get": { list: [event] }, "Task/query": { ids: ["T1"] }, "Task/get": { list: [task] } };
const fresh = async () => (await import("./alarms.svelte")).alarms;
const titles = (alarms: Awaited<ReturnType<typeof fresh>>): string[] => alarms.now.map((it) => it.thing.title);

beforeEach(() => {
  kept.clear();
  vi.resetModules();
  vi.useFakeTimers({ now });
  answers = told;
});

test("what is known rings though no answer comes any more", async () => {
  const alarms = await fresh();
  const stop = alarms.start();
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(titles(alarms)).toEqual([]);
  // The session has ended: whoever asks waits.
  answers = null;
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(titles(alarms)).toEqual(["Notes"]);
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(titles(alarms)).toEqual(["Notes", "Jury"]);
  stop();
});

test("where tasks cannot be asked for, events ring", async () => {
  answers = { ...told, "Task/query": undefined as never };
  const alarms = await fresh();
  const stop = alarms.start();
  await vi.advanceTimersByTimeAsync(16 * MINUTE);
  expect(titles(alarms)).toEqual(["Jury"]);
  stop();
});

test("a machine that wakes rings at once", async () => {
  const alarms = await fresh();
  const stop = alarms.start();
  await vi.advanceTimersByTimeAsync(MINUTE);
  vi.setSystemTime(new Date(inMinutes(16)));
  page.dispatchEvent(new Event("visibilitychange"));
  expect(titles(alarms)).toEqual(["Notes", "Jury"]);
  stop();
});

test("switched off while one asks, nothing goes on", async () => {
  const alarms = await fresh();
  const stop = alarms.start();
  vi.advanceTimersByTime(0);
  stop();
  await vi.advanceTimersByTimeAsync(20 * MINUTE);
  expect([titles(alarms), vi.getTimerCount()]).toEqual([[], 0]);
});

test("what is done with in one window is done with in the others, where it can be written nowhere else", async () => {
  const alarms = await fresh();
  const stop = alarms.start();
  await vi.advanceTimersByTimeAsync(16 * MINUTE);
  const [ring] = alarms.now;
  if (ring) void alarms.done(ring);
  expect(titles(alarms)).toEqual(["Jury"]);
  expect([...kept.values()].join()).not.toContain("Notes");
  vi.resetModules();
  const other = await fresh();
  const stopOther = other.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(titles(other)).toEqual(["Jury"]);
  const [left] = alarms.now;
  if (left) void alarms.done(left);
  others.dispatchEvent(Object.assign(new Event("storage"), { key: [...kept.keys()][0] }));
  expect(titles(other)).toEqual([]);
  stop();
  stopOther();
});
