import { expect, test } from "vitest";
import { fieldsOf, ruleOf, type Fields, type Rule } from "./rule";

function isSame(rule: Rule): void {
  expect(ruleOf(fieldsOf(rule), null)).toEqual(rule);
}

test("a rule that the form knows is the same after the form", () => {
  isSame({ "@type": "RecurrenceRule", frequency: "daily" });
  isSame({ "@type": "RecurrenceRule", frequency: "monthly", interval: 2, count: 12 });
  isSame({ "@type": "RecurrenceRule", frequency: "weekly", byDay: [{ "@type": "NDay", day: "tu" }, { "@type": "NDay", day: "fr" }], until: "2026-12-18T23:59:59" });
});

test("a rule that the form has no words for stays", () => {
  const second: Rule = { frequency: "monthly", byDay: [{ day: "tu", nthOfPeriod: 2 }] };
  const shifted: Rule = { frequency: "weekly", byMonth: ["1"], until: "2027-01-01T08:00:00" };
  for (const rule of [second, shifted]) {
    expect(fieldsOf(rule).every).toBe("kept");
    expect(ruleOf(fieldsOf(rule), rule)).toBe(rule);
  }
});

test("what was not touched is said as it was, and what was is said anew", () => {
  const until: Rule = { frequency: "daily", until: "2027-01-01T08:00:00", firstDayOfWeek: "mo" };
  expect(ruleOf(fieldsOf(until), until)).toBe(until);
  expect(ruleOf({ ...fieldsOf(until), interval: 3 }, until)).toEqual({ "@type": "RecurrenceRule", frequency: "daily", interval: 3, until: "2027-01-01T23:59:59" });
  expect(ruleOf({ ...fieldsOf(until), every: "" }, until)).toBeNull();
});

test("where only the end is another one, the rest stays in the words and in the order of whoever wrote it", () => {
  const told: Rule = { "@type": "RecurrenceRule", byDay: [{ "@type": "NDay", day: "su" }, { "@type": "NDay", day: "mo" }], firstDayOfWeek: "su", frequency: "weekly", interval: 2 };
  const said = (more: Partial<Fields>, before = told) => JSON.stringify(ruleOf({ ...fieldsOf(before), ...more }, before));
  expect(said({ ends: "day", until: "2027-01-31" })).toBe(JSON.stringify({ ...told, until: "2027-01-31T23:59:59" }));
  expect(said({ ends: "count", count: 4 }, { ...told, until: "2027-01-31T09:00:00" })).toBe(JSON.stringify({ ...told, count: 4 }));
  expect(said({ ends: "never" }, { ...told, interval: 1, count: 4 })).toBe(JSON.stringify({ ...told, interval: 1 }));
});
