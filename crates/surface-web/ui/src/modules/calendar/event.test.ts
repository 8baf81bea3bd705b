import { expect, test } from "vitest";
import { changes, draftOf, timeOf, type Draft, type Whole } from "./event";

const event: Whole = {
  id: "E1", calendarIds: { C1: true }, title: "Jury", start: "2026-11-28T09:30:00", duration: "PT1H",
  description: "salle B", alerts: { x: { trigger: { offset: "-PT15M" }, action: "display" } },
};

function draft(of: Whole): Draft {
  const time = timeOf("A", of);
  if (!time) throw new Error("it has no time");
  return draftOf(time, of);
}

test("what was not changed is not said", () => {
  const before = draft(event);
  expect(changes(before, { ...before }, false)).toEqual({});
  expect(changes(before, { ...before, title: "Jury de thèse" }, false)).toEqual({ title: "Jury de thèse" });
  expect(changes(before, { ...before, isPrivate: true, rule: { frequency: "daily" } }, true)).toEqual({});
  expect(changes(before, { ...before, end: new Date(before.end.getTime() + 1_800_000) }, false)).toMatchObject({ start: "2026-11-28T09:30:00", duration: "PT1H30M" });
});

test("alarms that a form cannot say are kept", () => {
  const alerts = { ...event.alerts, y: { trigger: { offset: "-P1D" } } };
  expect(draft(event).alarm).toBe("-PT15M");
  expect(draft({ ...event, alerts: null }).alarm).toBe("");
  expect(draft({ ...event, alerts }).alarm).toBe("kept");
  expect(draft({ ...event, alerts: { x: { trigger: { offset: "-PT5M", relativeTo: "end" } } } }).alarm).toBe("kept");
  const kept = draft({ ...event, alerts });
  expect(changes(kept, { ...kept, title: "autre" }, false)).toEqual({ title: "autre" });
  expect(changes(kept, { ...kept, alarm: "" }, false)).toEqual({ alerts: null });
});
