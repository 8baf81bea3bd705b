import { expect, test } from "vitest";
import { invites, meetingOf, NOBODY, ownIn, type Attendee, type Participants } from "./people";

const participants: Participants = {
  o: { calendarAddress: "mailto:Ada@a.test", roles: { owner: true, attendee: true }, participationStatus: "accepted" },
  z: { calendarAddress: "mailto:zoe@a.test", name: "Zoé", roles: { attendee: true }, participationStatus: "tentative", scheduleStatus: ["1.2"] },
  b: { calendarAddress: "mailto:bob@b.test", roles: { attendee: true, optional: true }, participationStatus: "needs-action", scheduleStatus: ["5.1"] },
  r: { calendarAddress: "mailto:salle@a.test", name: "Salle 101", kind: "location", roles: { attendee: true } },
};
const meeting = meetingOf("mailto:ada@a.test", participants);
const fresh = (mail: string): Attendee => ({ id: "", mail, name: mail, kind: "individual", isOptional: false, standing: "waiting" });

test("who is invited is told without who organises it, rooms last", () => {
  expect(meeting.organizer).toBe("ada@a.test");
  expect(meeting.attendees.map((it) => [it.name, it.isOptional, it.standing])).toEqual([
    ["bob@b.test", true, "failed"], ["Zoé", false, "tentative"], ["Salle 101", false, "waiting"],
  ]);
  expect(meetingOf(null, null)).toEqual(NOBODY);
});

test("the first who is invited brings who organises it", () => {
  const said = invites(NOBODY, { organizer: "ada@a.test", attendees: [fresh("zoe@a.test")] });
  const people = Object.values(said["participants"] as Participants);
  expect(said["organizerCalendarAddress"]).toBe("mailto:ada@a.test");
  expect(people.map((it) => [it.calendarAddress, it.participationStatus, it.roles?.["owner"] === true])).toEqual([
    ["mailto:ada@a.test", "accepted", true], ["mailto:zoe@a.test", "needs-action", false],
  ]);
  expect(invites(NOBODY, { organizer: "ada@a.test", attendees: [] })).toEqual({});
});

test("of whom nothing has changed nothing is said", () => {
  expect(invites(meeting, meeting)).toEqual({});
  const [bob, , room] = meeting.attendees;
  const now = [{ ...(bob as Attendee), isOptional: false }, room as Attendee, fresh("new@a.test")];
  const said = Object.entries(invites(meeting, { ...meeting, attendees: now }));
  expect(said.slice(0, 2)).toEqual([["participants/b/roles", { attendee: true }], ["participants/z", null]]);
  expect(said).toHaveLength(3);
  expect(said[2]?.[1]).toMatchObject({ calendarAddress: "mailto:new@a.test", expectReply: true });
});

test("one's own part is found by any of one's addresses; who organises it answers nothing", () => {
  expect(ownIn(participants, "mailto:ada@a.test", ["other@a.test", "ZOE@a.test"])).toEqual({ id: "z", standing: "tentative" });
  expect(ownIn(participants, "mailto:ada@a.test", ["ada@a.test"])).toBeNull();
  expect(ownIn(participants, "mailto:ada@a.test", ["x@a.test"])).toBeNull();
});
