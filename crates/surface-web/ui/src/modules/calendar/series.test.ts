import { expect, test } from "vitest";
import { changesFrom, type Draft } from "./event";
import { NOBODY } from "../../lib/meeting/people";
import { begun, countBefore, isOfRule, restOf, shortened, throughout, turned, type Patch, type Place, type Series } from "./series";
import { fieldsOf, ruleOf, type Rule } from "./rule";

const week: Series = {
  uid: "s1", "@type": "Event", id: "E1", created: "2026-01-01T00:00:00Z", calendarIds: { C1: true }, title: "TD", start: "2026-10-05T09:00:00", duration: "PT1H",
  timeZone: "Europe/Paris", recurrenceRule: { "@type": "RecurrenceRule", frequency: "weekly" },
};
const daily = (count: number): Series => ({ ...week, recurrenceRule: { frequency: "daily", count } });

function at(series: Series, at: string, before = 0): Place {
  return { series, at, before };
}

/** The series that begins there. */
function from(place: Place, patch: Patch): Series {
  const made = begun(place, patch, "s2");
  if (!made) throw new Error("it cannot be said");
  return made;
}

test("a series ends before a time, by the wall of its zone and over a change of the clocks", () => {
  expect(shortened(at(week, "2026-11-02T09:00:00"), "s2")).toEqual({
    recurrenceRule: { "@type": "RecurrenceRule", frequency: "weekly", until: "2026-11-02T08:59:59" },
    recurrenceOverrides: null,
    relatedTo: { s2: { "@type": "Relation", relation: { next: true } } },
  });
  const days: Series = { ...week, start: "2026-10-05T00:00:00", showWithoutTime: true, timeZone: null };
  expect(shortened(at(days, "2026-10-26T00:00:00"), null)).toEqual({ recurrenceRule: expect.objectContaining({ until: "2026-10-25T23:59:59" }) as Rule, recurrenceOverrides: null });
  expect(shortened(at(daily(10), "2026-10-08T09:00:00", 3), null)["recurrenceRule"]).toEqual({ frequency: "daily", count: 3 });
});

test("what goes on has what is left of a count, and an end that moves along", () => {
  const place = at(daily(10), "2026-10-08T09:00:00", 3);
  expect(restOf(place)).toMatchObject({ count: 7 });
  const made = from(place, { title: "TP" });
  expect(made).toMatchObject({ uid: "s2", "@type": "Event", title: "TP", start: "2026-10-08T09:00:00", duration: "PT1H", timeZone: "Europe/Paris", recurrenceRule: { count: 7 } });
  for (const name of ["id", "created", "sequence"]) expect(made).not.toHaveProperty(name);
  // Its last one is at the very end, as many programs write it.
  const until: Series = { ...week, recurrenceRule: { frequency: "weekly", until: "2026-12-14T09:00:00" } };
  expect(from(at(until, "2026-11-02T09:00:00"), { start: "2026-11-02T10:30:00" }).recurrenceRule).toEqual({ frequency: "weekly", until: "2026-12-14T10:30:00" });
});

test("what times have of their own stays before, and goes along behind", () => {
  const series: Series = {
    ...week,
    recurrenceOverrides: {
      "2026-10-12T09:00:00": { title: "before" },
      "2026-10-26T09:00:00": { excluded: true },
      "2026-11-02T09:00:00": { title: "here", "locations/l/name": "B" },
      "2026-11-09T09:00:00": { start: "2026-11-10T14:00:00", title: "behind", "locations/l/name": "C" },
      "2026-11-11T09:00:00": {},
      "2026-11-16T09:00:00": { excluded: true },
    },
  };
  const place = at(series, "2026-11-02T09:00:00");
  expect(shortened(place, null)["recurrenceOverrides"]).toEqual({ "2026-10-12T09:00:00": { title: "before" }, "2026-10-26T09:00:00": { excluded: true } });
  expect(from(place, { start: "2026-11-03T10:00:00", locations: null }).recurrenceOverrides).toEqual({
    "2026-11-03T10:00:00": { title: "here" },
    "2026-11-10T10:00:00": { start: "2026-11-11T15:00:00", title: "behind" },
    "2026-11-12T10:00:00": {},
    "2026-11-17T10:00:00": { excluded: true },
  });
  // What is said of this time is said of this time too.
  expect(from(place, { title: "all" }).recurrenceOverrides).toMatchObject({ "2026-11-02T09:00:00": { "locations/l/name": "B" }, "2026-11-09T09:00:00": { title: "behind" } });
  expect(from(place, { recurrenceRule: { frequency: "daily" } }).recurrenceOverrides).toEqual({ "2026-11-02T09:00:00": { title: "here", "locations/l/name": "B" }, "2026-11-11T09:00:00": {} });
  expect(from(place, { recurrenceRule: { frequency: "weekly", until: "2026-11-10T23:59:59" } }).recurrenceOverrides).not.toHaveProperty("2026-11-16T09:00:00");
  expect(from(place, { recurrenceRule: null })).toMatchObject({ recurrenceRule: null, recurrenceOverrides: null });
});

test("with another end of its rule, what times have of their own stays with them", () => {
  // As the server tells it, with what other programs write beside it.
  const rule: Rule = { "@type": "RecurrenceRule", byDay: [{ "@type": "NDay", day: "mo" }, { "@type": "NDay", day: "we" }], firstDayOfWeek: "mo", frequency: "weekly", interval: 1 };
  const recurrenceOverrides = { "2026-11-09T09:00:00": { excluded: true }, "2026-11-16T09:00:00": { start: "2026-11-16T14:00:00" }, "2026-11-18T09:00:00": { "participants/g/participationStatus": "accepted" } };
  const series: Series = { ...week, recurrenceRule: rule, recurrenceOverrides };
  const longer = ruleOf({ ...fieldsOf(rule), ends: "day", until: "2027-06-30" }, rule);
  expect(from(at(series, "2026-11-02T09:00:00"), { recurrenceRule: longer })).toMatchObject({ recurrenceRule: { ...rule, until: "2027-06-30T23:59:59" }, recurrenceOverrides });
  expect(throughout(series, { start: "2026-10-05T10:00:00", recurrenceRule: longer })?.["recurrenceOverrides"]).toEqual({
    "2026-11-09T10:00:00": { excluded: true }, "2026-11-16T10:00:00": { start: "2026-11-16T15:00:00" },
  });
});

test("times of whole days fit no hours", () => {
  const series: Series = { ...week, recurrenceOverrides: { "2026-11-09T09:00:00": { start: "2026-11-10T14:00:00", duration: "PT3H", title: "behind" } } };
  const made = from(at(series, "2026-11-02T09:00:00"), { start: "2026-11-02T00:00:00", duration: "P1D", showWithoutTime: true, timeZone: null });
  expect(made).toMatchObject({ start: "2026-11-02T00:00:00", showWithoutTime: true, recurrenceOverrides: { "2026-11-09T00:00:00": { title: "behind" } } });
  expect(made).not.toHaveProperty("timeZone");
});

test("the rule makes as many before as there are, and those that were taken out", () => {
  const series: Series = { ...daily(10), recurrenceOverrides: { "2026-10-06T09:00:00": { excluded: true }, "2026-10-07T09:00:00": { start: "2026-12-01T09:00:00" }, "2026-10-07T20:00:00": {} } };
  expect(countBefore(series, "2026-10-09T09:00:00", ["2026-10-05T09:00:00", "2026-10-07T20:00:00", "2026-10-08T09:00:00", "2026-10-09T09:00:00"])).toBe(4);
  expect(isOfRule(at(series, "2026-10-07T20:00:00"))).toBe(false);
  expect(isOfRule(at(series, "2026-10-07T09:00:00"))).toBe(true);
});

test("a rule on another day", () => {
  const check = (rule: Partial<Rule>, to: string, expected: Partial<Rule> | null) =>
    expect(turned({ frequency: "monthly", ...rule } as Rule, "2026-11-10T09:00:00", to)).toEqual(expected && { frequency: "monthly", ...rule, ...expected });
  check({ frequency: "weekly", byDay: [{ day: "tu" }, { day: "sa" }] }, "2026-11-12T09:00:00", { byDay: [{ day: "th" }, { day: "mo" }] });
  check({ frequency: "weekly", byDay: [{ day: "tu" }] }, "2026-11-09T09:00:00", { byDay: [{ day: "mo" }] });
  // Of each second week: two days earlier, so that its weeks begin two days earlier.
  check({ frequency: "weekly", interval: 2, byDay: [{ day: "tu" }, { day: "su" }] }, "2026-11-08T09:00:00", { byDay: [{ day: "su" }, { day: "fr" }], firstDayOfWeek: "sa" });
  check({ byDay: [{ day: "tu", nthOfPeriod: 2 }] }, "2026-11-18T09:00:00", { byDay: [{ day: "we", nthOfPeriod: 3 }] });
  check({ byDay: [{ day: "tu", nthOfPeriod: 2 }] }, "2026-11-30T09:00:00", { byDay: [{ day: "mo", nthOfPeriod: -1 }] });
  check({ byMonthDay: [10] }, "2026-11-12T09:00:00", { byMonthDay: [12] });
  check({ byMonthDay: [-21] }, "2026-11-30T09:00:00", { byMonthDay: [-1] });
  check({ frequency: "yearly", byMonth: ["11"], byMonthDay: [10] }, "2026-12-01T09:00:00", { byMonth: ["12"], byMonthDay: [1] });
  check({ byMonthDay: [10, 20] }, "2026-11-12T09:00:00", null);
  check({ byMonthDay: [10, 20] }, "2026-11-10T11:00:00", {});
  check({ bySetPosition: [-1], byDay: [{ day: "tu" }] }, "2026-11-12T09:00:00", null);
  check({ byHour: [9] }, "2026-11-10T11:00:00", null);
});

test("who is invited is asked anew about another time alone", () => {
  const people = {
    o: { calendarAddress: "mailto:a@a.test", roles: { owner: true }, participationStatus: "accepted" },
    g: { calendarAddress: "mailto:g@a.test", participationStatus: "declined", scheduleStatus: ["1.2"] },
  };
  const place = at({ ...week, participants: people, relatedTo: { s0: { relation: { first: true } }, s9: { relation: { next: true } } } }, "2026-11-02T09:00:00");
  expect(from(place, { title: "TP" }).participants).toEqual({ o: people.o, g: { calendarAddress: "mailto:g@a.test", participationStatus: "declined" } });
  expect(from(place, { start: "2026-11-02T10:00:00", "participants/p": { calendarAddress: "mailto:p@a.test" } }).participants).toMatchObject({ o: people.o, g: { participationStatus: "needs-action" }, p: {} });
  // The first of all stays the first, and what was next is next to the new one.
  expect(from(place, {}).relatedTo).toMatchObject({ s0: { relation: { first: true } }, s9: { relation: { next: true } } });
  expect(shortened(place, "s2")["relatedTo"]).toEqual({ s0: { relation: { first: true } }, s2: { "@type": "Relation", relation: { next: true } } });
});

test("where all of it moves, its exceptions and its days do", () => {
  const series: Series = { ...week, recurrenceRule: { frequency: "weekly", byDay: [{ day: "mo" }] }, recurrenceOverrides: { "2026-10-12T09:00:00": { excluded: true } } };
  expect(throughout(series, { title: "TP" })).toEqual({ title: "TP" });
  expect(throughout(series, { start: "2026-10-06T08:00:00" })).toEqual({
    start: "2026-10-06T08:00:00", recurrenceRule: { frequency: "weekly", byDay: [{ day: "tu" }] }, recurrenceOverrides: { "2026-10-13T08:00:00": { excluded: true } },
  });
});

test("a series stays in its zone, where its clocks change on other days", () => {
  const draft: Draft = {
    account: "A", calendar: "C1", title: "TD", start: new Date("2026-11-02T08:00:00Z"), end: new Date("2026-11-02T09:00:00Z"), allDay: false, place: "", description: "",
    rule: null, isPrivate: false, alarm: "", meeting: NOBODY,
  };
  const later = { ...draft, start: new Date("2026-11-02T10:00:00Z"), end: new Date("2026-11-02T11:00:00Z") };
  expect(changesFrom(draft, later, { series: week, start: "2026-11-02T09:00:00" })).toMatchObject({ start: "2026-11-02T11:00:00", timeZone: "Europe/Paris" });
  // From the last day of summer to the first of winter it is the same hour there.
  const [summer, winter] = [{ ...draft, start: new Date("2026-10-24T07:00:00Z") }, { ...draft, start: new Date("2026-10-25T08:00:00Z") }];
  expect(changesFrom(summer, winter, { series: week, start: "2026-10-24T09:00:00" })).toMatchObject({ start: "2026-10-25T09:00:00" });
});
