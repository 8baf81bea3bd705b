// What an action on a conversation is meant for, while its messages change.

import { afterEach, expect, it, vi } from "vitest";
import { jmap } from "../../lib/jmap/office";
import { Threads } from "./threads.svelte";

afterEach(() => vi.restoreAllMocks());

/** A store where the conversation `t` has these messages, whose answers are let go one by one. */
function store(of: () => string[]) {
  const asked: (() => void)[] = [];
  const call = ((method: string, args: { ids: string[] }) => {
    if (method === "Email/get") return Promise.resolve({ list: args.ids.map((id) => ({ id, threadId: "t", mailboxIds: {}, keywords: {} })) });
    return new Promise((resolve) => asked.push(() => resolve({ list: args.ids.map((id) => ({ id, emailIds: of() })) })));
  }) as never;
  vi.spyOn(jmap, "call").mockImplementation(call);
  return asked;
}

it("asks once, and whoever needs it meanwhile waits for the answer", async () => {
  const asked = store(() => ["a", "b"]);
  const threads = new Threads("me");
  const both = Promise.all([threads.need(["t"]), threads.need(["t"])]);
  expect(asked.length).toBe(1);
  asked[0]?.();
  await both;
  expect(threads.get("t")?.map((it) => it.id)).toEqual(["a", "b"]);
  await threads.need(["t"]);
  expect(asked.length).toBe(1);
});

it("shows what is in doubt, and asks again before it is relied on", async () => {
  let messages = ["a"];
  const asked = store(() => messages);
  const threads = new Threads("me");
  const first = threads.need(["t"]);
  asked[0]?.();
  await first;
  messages = ["a2"];
  threads.doubt();
  expect(threads.get("t")?.map((it) => it.id)).toEqual(["a"]);
  const again = threads.need(["t"]);
  asked[1]?.();
  await again;
  expect(threads.get("t")?.map((it) => it.id)).toEqual(["a2"]);
});

it("asks again after a failure", async () => {
  vi.spyOn(jmap, "call").mockImplementation((() => Promise.reject(new Error("away"))) as never);
  const threads = new Threads("me");
  await expect(threads.need(["t"])).rejects.toThrow("away");
  const asked = store(() => ["a"]);
  const again = threads.need(["t"]);
  asked[0]?.();
  await again;
  expect(threads.get("t")?.length).toBe(1);
});
