import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { toasts } from "./toasts.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** It is there for these milliseconds from now on, and no longer. */
function lasts(patience: number): void {
  vi.advanceTimersByTime(patience - 1);
  expect(toasts.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(toasts.all).toEqual([]);
}

it("a note goes after its time", () => {
  toasts.show("done", { seconds: 10 });
  lasts(10_000);
});

it("a note stays while one is at it, and for its time from then on", () => {
  const id = toasts.show("done", { seconds: 10 });
  vi.advanceTimersByTime(9_000);
  toasts.hold(id);
  vi.advanceTimersByTime(60_000);
  expect(toasts.all).toHaveLength(1);
  toasts.release(id);
  lasts(10_000);
});

it("a note that is gone is not kept by who leaves it late", () => {
  const id = toasts.show("done", { seconds: 10 });
  toasts.close(id);
  toasts.release(id);
  expect(vi.getTimerCount()).toBe(0);
});
