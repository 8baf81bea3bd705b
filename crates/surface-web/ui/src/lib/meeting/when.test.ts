import { expect, test } from "vitest";
import { instant, whenOf } from "./when";

test.each([
  ["2026-12-01T10:00:00", "Europe/Paris", "2026-12-01T09:00:00.000Z"],
  ["2026-07-01T10:00:00", "Europe/Paris", "2026-07-01T08:00:00.000Z"],
  ["2026-03-29T03:30:00", "Europe/Paris", "2026-03-29T01:30:00.000Z"],
  ["2026-03-29T01:30:00", "Europe/Paris", "2026-03-29T00:30:00.000Z"],
  ["2026-12-01T10:00:00", "Asia/Kolkata", "2026-12-01T04:30:00.000Z"],
  ["2026-12-01T00:30:00", "America/New_York", "2026-12-01T05:30:00.000Z"],
  ["2026-12-01T10:00:00", "Etc/UTC", "2026-12-01T10:00:00.000Z"],
])("%s in %s", (local, zone, utc) => {
  expect(instant(local, zone)?.toISOString()).toBe(utc);
});

test("a zone that nobody knows is this browser's, and what is no time is none", () => {
  expect(instant("2026-12-01T10:00:00", "/custom")).toEqual(new Date(2026, 11, 1, 10));
  expect(instant("soon", "Europe/Paris")).toBeNull();
  expect(whenOf({})).toBeNull();
});

test("it ends after its duration; whole days by the calendar", () => {
  const lecture = whenOf({ start: "2026-12-01T10:00:00", duration: "PT1H30M", timeZone: "Europe/Paris" });
  expect(lecture?.end.toISOString()).toBe("2026-12-01T10:30:00.000Z");
  expect(whenOf({ start: "2026-10-24T00:00:00", duration: "P3D", showWithoutTime: true })?.end).toEqual(new Date(2026, 9, 27));
});
