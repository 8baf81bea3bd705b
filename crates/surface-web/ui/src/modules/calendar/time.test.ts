import { expect, test } from "vitest";
import { addDays, daysBetween, duration, firstDay, fromLocal, local, milliseconds, monthWeeks, startOfWeek } from "./time";

test("weeks begin where people begin them", () => {
  const saturday = new Date(2026, 10, 28, 9, 30);
  expect(local(startOfWeek(saturday, 1))).toBe("2026-11-23T00:00:00");
  expect(local(startOfWeek(saturday, 0))).toBe("2026-11-22T00:00:00");
  expect(local(startOfWeek(saturday, 6))).toBe("2026-11-28T00:00:00");
  for (const language of ["fr", "en", "ar", "pt"]) expect([0, 1, 6]).toContain(firstDay(language));
});

test("a month is six whole weeks", () => {
  const weeks = monthWeeks(new Date(2026, 1, 14), 1);
  expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7, 7]);
  expect(local(weeks[0]?.[0] as Date)).toBe("2026-01-26T00:00:00");
  expect(daysBetween(weeks[0]?.[0] as Date, weeks[5]?.[6] as Date)).toBe(41);
});

test("a day more is a day more, whatever the clocks do", () => {
  for (let day = new Date(2026, 0, 1, 8, 15); day.getFullYear() === 2026; day = addDays(day, 1)) {
    expect(local(addDays(day, 1)).slice(11)).toBe("08:15:00");
    expect(daysBetween(day, addDays(day, 1))).toBe(1);
  }
});

test.each([["P1D", 1440], ["PT1H30M", 90], ["PT45M", 45], ["P1DT2H", 1560], ["PT0S", 0]])("%s", (text, minutes) => {
  expect(milliseconds(text)).toBe(minutes * 60_000);
  expect(duration(minutes)).toBe(text);
});

test("what is no time is none", () => {
  expect(fromLocal("tomorrow")).toBeNull();
  expect(milliseconds("1 hour")).toBe(0);
  expect(local(fromLocal("2026-11-28T09:30") as Date)).toBe("2026-11-28T09:30:00");
});
