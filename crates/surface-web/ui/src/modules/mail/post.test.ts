// What is asked before messages are gone for good, and what is told of those that stay.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Listener } from "../../lib/jmap/events";
import { events, jmap } from "../../lib/jmap/office";
import { toasts } from "../../lib/toasts.svelte";
import type { MessageList } from "./list.svelte";
import { post } from "./post.svelte";

const SESSION = {
  primaryAccounts: { "urn:ietf:params:jmap:mail": "me" },
  accounts: Object.fromEntries(["me", "club"].map((id) => [id, { name: id, accountCapabilities: { "urn:ietf:params:jmap:mail": {} } }])),
};
const TRASH = { id: "t", name: "Trash", role: "trash", parentId: null };
let destroyed: () => Promise<unknown>;

function listOf(mailbox: string) {
  const list = { account: "me", get: () => ({ mailboxIds: { [mailbox]: true } }), remove: vi.fn(), refresh: vi.fn() };
  return { list: list as unknown as MessageList, refresh: list.refresh };
}

beforeEach(async () => {
  vi.useFakeTimers();
  toasts.all = [];
  vi.spyOn(jmap, "session").mockResolvedValue(SESSION as never);
  vi.spyOn(jmap, "call").mockImplementation(((method: string, args: { accountId: string }) => {
    if (method === "Email/set") return destroyed();
    return args.accountId === "club" ? Promise.reject(new Error("away")) : Promise.resolve({ list: [TRASH] });
  }) as never);
  await post.load();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("says of an account that its store is away, and shows the others", () => {
  expect(post.owners.map((it) => [it.id, it.away, it.mailboxes.length])).toEqual([["me", false, 1], ["club", true, 0]]);
});

it("asks only where nothing brings it back", async () => {
  expect(await post.sure(listOf("inbox").list, new Set(["a"]))).toBe(true);
  const first = post.sure(listOf("t").list, new Set(["a", "b"]));
  expect(post.doomed?.count).toBe(2);
  const second = post.sure(listOf("t").list, new Set(["a"]));
  expect(await first).toBe(false);
  post.doomed?.answer(true);
  expect(await second).toBe(true);
  expect(post.doomed).toBe(null);
});

it("tells what was not deleted, and brings it back", async () => {
  const answers = [
    () => Promise.resolve({ destroyed: ["a", "b"], notDestroyed: null }),
    () => Promise.resolve({ destroyed: ["a"], notDestroyed: { b: { type: "forbidden" } } }),
    () => Promise.reject(new Error("offline")),
  ];
  for (const [at, answer] of answers.entries()) {
    toasts.all = [];
    destroyed = answer;
    const { list, refresh } = listOf("t");
    await post.remove(list, new Set(["a", "b"]));
    expect(refresh).toHaveBeenCalledOnce();
    expect(toasts.all.map((it) => it.kind)).toEqual(at === 0 ? [] : ["failed"]);
  }
});

it("tells of each account that changed, and nobody who has gone", async () => {
  let tell: Listener = () => undefined;
  vi.spyOn(events, "listen").mockImplementation((listener) => {
    tell = listener;
    return () => undefined;
  });
  const changed = vi.fn();
  const stop = post.watch(changed);
  tell("me", new Set(["Email"]));
  tell("club", new Set(["Mailbox"]));
  tell("me", new Set(["Quota"]));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(changed.mock.calls.map(([account]) => account)).toEqual(["me", "club"]);
  tell("me", new Set(["Email"]));
  stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(changed).toHaveBeenCalledTimes(2);
});
