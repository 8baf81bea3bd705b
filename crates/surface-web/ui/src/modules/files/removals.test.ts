// What was removed, while it can still be had back, and what is made in its place.

import { afterEach, beforeEach, expect, it, vi } from "vitest";

const place = { owner: "u1", path: "a/b.txt" };
const sent: string[] = [];
const hearer = () => ({ begun: vi.fn(), failed: vi.fn() });
let status = 204;

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  status = 204;
  vi.stubGlobal("fetch", (address: string, { method, headers }: { method: string; headers: Record<string, string> }) => {
    sent.push(`${method} ${address} ${headers["if-match"] ?? ""}`.trim());
    return Promise.resolve(new Response(null, { status }));
  });
});
afterEach(() => vi.useRealTimers());

const removalsOf = async () => (await import("./removals.svelte")).removals;

it("removes once the time is over, and only what it was", async () => {
  const removals = await removalsOf();
  const reload = vi.fn(() => Promise.resolve());
  const stop = removals.watch(reload);
  removals.begin([{ place, isFolder: false, etag: '"1"' }], hearer());
  expect(removals.isHidden(place)).toBe(true);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual(['DELETE /dav/files/u1/a/b.txt "1"']);
  expect(reload).toHaveBeenCalledOnce();
  stop();
  expect(removals.isHidden(place)).toBe(false);
});

it("removes at once where something is made in its place, above it or in it, and never again", async () => {
  const removals = await removalsOf();
  for (const path of ["a/b.txt", "a", "a/b.txt/c"]) {
    sent.length = 0;
    const heard = hearer();
    const undo = removals.begin([{ place, isFolder: false, etag: "" }], heard);
    await removals.settle({ owner: "u1", path: "a/other" });
    expect(sent).toEqual([]);
    await removals.settle({ owner: "u1", path });
    expect(sent).toEqual(["DELETE /dav/files/u1/a/b.txt"]);
    expect(heard.begun).toHaveBeenCalledOnce();
    undo();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent).toHaveLength(1);
  }
});

it("takes it back, and says what could not be removed", async () => {
  const removals = await removalsOf();
  removals.begin([{ place, isFolder: true, etag: "" }], hearer())();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sent).toEqual([]);
  status = 412;
  const heard = hearer();
  removals.begin([{ place, isFolder: false, etag: '"1"' }], heard);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(heard.failed).toHaveBeenCalledOnce();
});
