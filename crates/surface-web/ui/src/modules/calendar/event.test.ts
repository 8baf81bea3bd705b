import { expect, test } from "vitest";
import { changes, draftOf, timeOf, type Draft, type Whole } from "./event";

const event: Whole = {
  id: "E1", calendarIds: { C1: true }, title: "Jury", start: "2026-11-28T09:30:00", duration: "PT1H",
  description: "salle B", alerts: { x: { trigger: { offset: "-PT15M" }, action: "display" } },
};

function draft(of: Whole): Draft {
  const time = timeOf("A", of, ["ada@a.test"]);
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

test("one is invited where somebody else organises it", () => {
  const participants = { z: { calendarAddress: "mailto:zoe@a.test", participationStatus: "needs-action" }, a: { calendarAddress: "mailto:Ada@a.test" } };
  const invited = (organizer: string) => timeOf("A", { ...event, organizerCalendarAddress: organizer, participants }, ["ada@a.test"]);
  expect(invited("mailto:zoe@a.test")).toMatchObject({ isMeeting: true, invited: { id: "a", standing: "waiting" } });
  expect(invited("mailto:ada@a.test")).toMatchObject({ isMeeting: true, invited: null });
  expect(timeOf("A", event, ["ada@a.test"])).toMatchObject({ isMeeting: false, invited: null });
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
