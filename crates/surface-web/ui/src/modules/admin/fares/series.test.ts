import { expect, test } from "vitest";
import { byDay, byHour, ceiling } from "./series";

const NOW = Date.parse("2026-11-27T13:20:00Z");

test("days without anything are there", () => {
  const { parts, days } = byDay({ imap: [["2026-11-27T00:00:00Z", 3]], dav: [["2026-11-25T00:00:00Z", 2], ["2026-11-27T00:00:00Z", 4]] }, NOW);
  expect(parts).toEqual(["dav", "imap"]);
  expect(days.length).toBe(30);
  expect(days.slice(-3).map((it) => it.values)).toEqual([[2, 0], [0, 0], [4, 3]]);
  expect(days.at(-1)?.sum).toBe(7);
});

test("hours know what works and what does not", () => {
  const hours = byHour({ works: [["2026-11-27T13:00:00Z", 11]], fails: [["2026-11-27T12:00:00Z", 1]] }, NOW);
  expect(hours.length).toBe(48);
  expect(hours.slice(-2).map(({ works, fails }) => [works, fails])).toEqual([[0, 1], [11, 0]]);
});

test.each([[0, 1], [1, 1], [3, 5], [10, 10], [11, 20], [51, 100], [4999, 5000]])("the axis of %i ends at %i", (value, end) => {
  expect(ceiling(value)).toBe(end);
});
