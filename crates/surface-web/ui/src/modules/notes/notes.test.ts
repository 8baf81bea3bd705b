import { beforeEach, expect, it, vi } from "vitest";
import { JmapError } from "../../lib/jmap/client";

type Args = Record<string, unknown>;
const NOTES = "urn:passerelle:params:jmap:notes";
const { answer, calls, heard } = vi.hoisted(() => ({
  answer: { with: (_method: string, _args: Record<string, unknown>): unknown => undefined },
  calls: [] as [string, Record<string, unknown>][],
  heard: new Map<string, (event: unknown) => void>(),
}));

vi.mock("../../lib/jmap/office", () => ({
  jmap: {
    call: (method: string, args: Args) => {
      calls.push([method, args]);
      return new Promise((resolve) => resolve(answer.with(method, args)));
    },
    from: () => null,
    leave: (method: string, args: Args) => void calls.push([`leave ${method}`, args]),
    session: async () => ({
      primaryAccounts: { [NOTES]: "own" },
      accounts: { own: { name: "own", accountCapabilities: { [NOTES]: {} } }, other: { name: "Ada", accountCapabilities: { [NOTES]: {} } } },
    }),
  },
  events: {},
}));
vi.stubGlobal("addEventListener", (name: string, hear: (event: unknown) => void) => heard.set(name, hear));

const { notes } = await import("./notes.svelte");
const { kept, taken } = await import("./kept");

const RIGHTS = { mayReadItems: true, mayWriteAll: true, mayAdmin: false, mayDelete: false };
const note = (id: string, more: Args = {}) => ({ id, uid: `uid-${id}`, notebookId: "b", title: "was", body: "", keywords: {}, revision: "1", ...more });
/** What stands in each account: its notes, page by page, or why there are none. */
function stands(there: Record<string, ReturnType<typeof note>[][] | Error>): void {
  answer.with = (method, { accountId, position }) => {
    const pages = there[accountId as string] ?? [];
    if (pages instanceof Error) throw pages;
    if (method === "Notebook/get") return { list: [{ id: "b", name: "b", color: null, sortOrder: 0, myRights: RIGHTS }] };
    const page = pages[Number(position ?? 0) / 500] ?? [];
    // `Note/get` refers to the query before it.
    if (method === "Note/get") return { list: pages[Number(calls.findLast(([name, args]) => name === "Note/query" && args["accountId"] === accountId)?.[1]["position"]) / 500] ?? [] };
    return { ids: page.map((it) => it.id) };
  };
}
const ids = () => notes.all.map((it) => `${it.account}/${it.note.id}`);

beforeEach(() => {
  calls.length = 0;
  kept.clear();
});

it("keeps what is known of somebody else's store while that is down, and not once it is shared no longer", async () => {
  stands({ own: [[note("1")]], other: [[note("2")]] });
  await notes.load();
  expect(ids()).toEqual(["own/1", "other/2"]);
  stands({ own: [[note("3")]], other: new JmapError("serverUnavailable") });
  await notes.load();
  expect(ids()).toEqual(["own/3", "other/2"]);
  expect(notes.books.map((it) => it.owner)).toEqual(["", "Ada"]);
  stands({ own: [[note("3")]], other: new JmapError("accountNotFound") });
  await notes.load();
  expect(ids()).toEqual(["own/3"]);
  stands({ own: [[note("3")]], other: new JmapError("serverUnavailable") });
  await notes.load();
  expect(ids()).toEqual(["own/3"]);
});

it("tells a note once that comes with two pages", async () => {
  const first = Array.from({ length: 500 }, (_, at) => note(`n${at}`));
  stands({ own: [first, [note("n499"), note("n500")]], other: [] });
  await notes.load();
  expect(new Set(ids()).size).toBe(501);
  expect(ids().length).toBe(501);
});

it("finds what was typed into a note by its id, and by its uid where it was moved", () => {
  const draft = { title: "typed", body: "", keywords: "" };
  kept.add({ account: "own", seen: note("1"), draft });
  expect(taken("other", "1", "uid-1")).toBeUndefined();
  expect(taken("own", "2", undefined)).toBeUndefined();
  expect(taken("own", "9", "uid-1")).toMatchObject({ draft, seen: { id: "9" } });
  expect(kept.size).toBe(0);
});

it("writes what was kept once there is a connection again, to where the note is by then, and asks as long as there is any", async () => {
  stands({ own: [[note("9", { uid: "uid-1" })]], other: [] });
  await notes.load();
  kept.add({ account: "own", seen: note("1"), draft: { title: "typed", body: "", keywords: "" } });
  const asked = () => {
    const event = { preventDefault: vi.fn() };
    heard.get("beforeunload")?.(event);
    return event.preventDefault.mock.calls.length === 1;
  };
  expect(asked()).toBe(true);
  const there = answer.with;
  answer.with = () => {
    throw new JmapError("offline");
  };
  heard.get("online")?.({});
  await vi.waitFor(() => expect(calls.some(([name]) => name === "Note/set")).toBe(true));
  expect(kept.size).toBe(1);
  answer.with = (method, args) => (method === "Note/set" ? {} : there(method, args));
  heard.get("online")?.({});
  await vi.waitFor(() => expect(kept.size).toBe(0));
  expect(calls.findLast(([name]) => name === "Note/set")?.[1]).toEqual({ accountId: "own", update: { 9: { title: "typed", revision: "1" } } });
  expect(asked()).toBe(false);
});

it("sends what was typed as the page goes away", () => {
  notes.leave("own", note("1"), { title: "was", body: "typed", keywords: "" });
  expect(calls).toEqual([["leave Note/set", { accountId: "own", update: { 1: { body: "typed", revision: "1" } } }]]);
});
