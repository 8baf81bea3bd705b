import { expect, test } from "vitest";
import { fieldsOf, ruleOf, type Rule } from "./rule";

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
