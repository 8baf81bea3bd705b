// Who takes part in a meeting: as JSCalendar has them (draft-ietf-calext-jscalendarbis §4.4.5), and as a form says them.

import type { Id } from "../jmap/types";

export const ANSWERS = ["accepted", "tentative", "declined"] as const;
/** What somebody may answer. */
export type Answer = (typeof ANSWERS)[number];
/** What somebody has answered; `waiting` for nothing yet, `failed` where the invitation did not reach them. */
export type Standing = Answer | "waiting" | "failed";

export interface Participant {
  "@type"?: string;
  calendarAddress?: string;
  name?: string;
  email?: string;
  kind?: string;
  roles?: Record<string, boolean>;
  participationStatus?: string;
  expectReply?: boolean;
  scheduleStatus?: string[];
}

export type Participants = Record<Id, Participant>;

/** Somebody who is invited, or a room. */
export interface Attendee {
  /** Of the participant; empty for who is not yet invited. */
  id: Id;
  /** The address of mail. */
  mail: string;
  name: string;
  kind: "individual" | "group" | "location" | "resource";
  isOptional: boolean;
  standing: Standing;
}

/** Who invites whom. */
export interface Meeting {
  /** The address of mail of who organises it; empty where nobody is invited. */
  organizer: string;
  attendees: readonly Attendee[];
}

export const NOBODY: Meeting = { organizer: "", attendees: [] };

/** `mailto:a@b.test` without its scheme. */
export const mailOf = (address: string | undefined): string => (address ?? "").trim().replace(/^mailto:/i, "");
export const sameMail = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** What became of an invitation, in classes of RFC 6638 §3.2.9: 3 is nobody of this address, 5 is not delivered. */
const isFailed = (status: readonly string[] | undefined): boolean => /^[35]\./.test(status?.at(-1) ?? "");

export function standingOf({ participationStatus, scheduleStatus }: Participant): Standing {
  const answer = ANSWERS.find((it) => it === participationStatus);
  return answer ?? (isFailed(scheduleStatus) ? "failed" : "waiting");
}

const KINDS = ["individual", "group", "location", "resource"] as const;

/** The meeting that an event is: who organises it is not among those who are invited. */
export function meetingOf(organizerAddress: string | null | undefined, participants: Participants | null | undefined): Meeting {
  const organizer = mailOf(organizerAddress ?? undefined);
  const invited = Object.entries(participants ?? {}).filter(([, it]) => !it.roles?.["owner"] && !sameMail(mailOf(it.calendarAddress), organizer));
  const attendees = invited.map(([id, it]): Attendee => {
    const mail = mailOf(it.calendarAddress ?? it.email);
    const isOptional = it.roles?.["optional"] === true || it.roles?.["informational"] === true;
    return { id, mail, name: it.name?.trim() || mail, kind: KINDS.find((kind) => kind === it.kind) ?? "individual", isOptional, standing: standingOf(it) };
  });
  return { organizer, attendees: attendees.sort((a, b) => Number(isRoom(a)) - Number(isRoom(b)) || a.name.localeCompare(b.name)) };
}

export const isRoom = (it: Pick<Attendee, "kind">): boolean => it.kind === "location" || it.kind === "resource";

const rolesOf = ({ isOptional }: Attendee): Record<string, boolean> => (isOptional ? { attendee: true, optional: true } : { attendee: true });

function participantOf(attendee: Attendee): Participant {
  const { mail, name, kind } = attendee;
  return {
    "@type": "Participant", calendarAddress: `mailto:${mail}`, ...(name && name !== mail ? { name } : {}), kind, roles: rolesOf(attendee),
    participationStatus: "needs-action", expectReply: true,
  };
}

/** A new id, which says nothing. */
const idOf = (at: number): Id => `p${at}-${Math.floor(Math.random() * 1e9).toString(36)}`;

/** All of it, for an event that had nobody. Who organises it comes. */
function whole({ organizer, attendees }: Meeting): Record<string, unknown> {
  const owner: Participant = {
    "@type": "Participant", calendarAddress: `mailto:${organizer}`, roles: { owner: true, attendee: true }, participationStatus: "accepted",
  };
  const invited = attendees.map((it, at) => [idOf(at), participantOf(it)] as const);
  return { organizerCalendarAddress: `mailto:${organizer}`, participants: { owner, ...Object.fromEntries(invited) } };
}

/** What is said of people where `before` becomes `after`: of whom nothing has changed nothing is said, so that their answers stay. */
export function invites(before: Meeting, after: Meeting): Record<string, unknown> {
  if (before.attendees.length === 0 && after.attendees.length === 0) return {};
  if (before.organizer === "") return whole(after);
  const patch: Record<string, unknown> = {};
  for (const it of before.attendees) {
    const now = after.attendees.find((other) => other.id === it.id);
    if (!now) patch[`participants/${it.id}`] = null;
    else if (now.isOptional !== it.isOptional) patch[`participants/${it.id}/roles`] = rolesOf(now);
  }
  after.attendees.filter((it) => it.id === "").forEach((it, at) => (patch[`participants/${idOf(at)}`] = participantOf(it)));
  return patch;
}

/** As whom one takes part by one of these addresses: the participant's id and what one has answered; `null` for who is not invited. */
export function ownIn(participants: Participants | null | undefined, organizerAddress: string | null | undefined, mails: readonly string[]): { id: Id; standing: Standing } | null {
  const isOwn = (address: string): boolean => mails.some((mail) => sameMail(mail, address));
  if (isOwn(mailOf(organizerAddress ?? undefined))) return null;
  const found = Object.entries(participants ?? {}).find(([, it]) => isOwn(mailOf(it.calendarAddress ?? it.email)));
  return found ? { id: found[0], standing: ANSWERS.find((it) => it === found[1].participationStatus) ?? "waiting" } : null;
}

/** The change that answers. */
export const answers = (participant: Id, answer: Answer): Record<string, unknown> => ({ [`participants/${participant}/participationStatus`]: answer });
