// When others have no time (draft-ietf-jmap-calendars §2.2), who may be invited, and which rooms there are: as the directory tells it.

import { JmapError } from "../../lib/jmap/client";
import { jmap } from "../../lib/jmap/office";
import type { GetAnswer, Id, QueryAnswer } from "../../lib/jmap/types";
import type { Attendee } from "../../lib/meeting/people";
import type { Grantee } from "../../lib/share/grantee";
import type { Busy, Period } from "./busy";

const PRINCIPALS = "urn:ietf:params:jmap:principals";
const OWNER = "urn:ietf:params:jmap:principals:owner";
/** An address that somebody has typed whole. */
const ADDRESS = /^[^\s@<>,;:"\\]+@[^\s@<>,;:"\\]+\.[^\s@<>,;:"\\.]+$/u;
/** Most that one search tells. */
const MOST = 20;

interface Principal {
  id: Id;
  type: string;
  name: string;
  email: string | null;
}

interface Told {
  list: { utcStart: string; utcEnd: string; busyStatus: string }[];
}

/** Whom an account of a session belongs to, as a principal. */
export async function principalOf(account: Id): Promise<Id | null> {
  const capabilities = (await jmap.session()).accounts[account]?.accountCapabilities;
  const id = capabilities?.[OWNER]?.["principalId"] ?? capabilities?.[PRINCIPALS]?.["currentUserPrincipalId"];
  return typeof id === "string" ? id : null;
}

/** Principals are asked for in one's own account; `null` where there is no directory. */
async function own(): Promise<Id | null> {
  return (await jmap.session()).primaryAccounts[PRINCIPALS] ?? null;
}

async function found(filter: Record<string, unknown>): Promise<Principal[]> {
  const accountId = await own();
  if (!accountId) return [];
  const query = jmap.call<QueryAnswer>("Principal/query", { accountId, filter, limit: MOST });
  const get = jmap.call<GetAnswer<Principal>>("Principal/get", { accountId, "#ids": jmap.from(query, "/ids"), properties: ["id", "type", "name", "email"] });
  const [, { list }] = await Promise.all([query, get]);
  return list;
}

/** The addresses that the owner of an account has: of others the directory tells the first. */
export async function mailsOf(account: Id): Promise<string[]> {
  const [accountId, id] = [await own(), await principalOf(account)];
  if (!accountId || !id) return [];
  const { list } = await jmap.call<GetAnswer<Principal>>("Principal/get", { accountId, ids: [id], properties: ["id", "email"] });
  return list.flatMap((it) => it.email ?? []);
}

/** What principals are called. */
export async function named(ids: readonly Id[]): Promise<{ id: Id; name: string }[]> {
  const accountId = await own();
  if (!accountId || ids.length === 0) return [];
  return (await jmap.call<GetAnswer<Principal>>("Principal/get", { accountId, ids, properties: ["id", "name"] })).list;
}

/** Somebody who may be invited. */
export interface Invitee extends Grantee {
  address: string;
}

/** Whom these letters may mean; an address that the directory does not know is somebody elsewhere. */
export async function invitees(letters: string): Promise<Invitee[]> {
  const people = await found({ text: letters }).catch((): Principal[] => []);
  const known = people.flatMap(({ id, type, name, email }): Invitee[] => (email && type !== "location" ? [{ to: id, kind: type === "group" ? "group" : "person", name, address: email }] : []));
  const isNew = ADDRESS.test(letters) && !people.some((it) => it.email?.toLowerCase() === letters.toLowerCase());
  return isNew ? [...known, { to: `mailto:${letters}`, kind: "person", name: letters, address: letters }] : known;
}

/** The rooms of the institution. */
export async function rooms(): Promise<Attendee[]> {
  const all = await found({ type: "location" });
  const one = ({ name, email }: Principal): Attendee[] => (email ? [{ id: "", mail: email, name, kind: "location", isOptional: false, standing: "waiting" }] : []);
  return all.flatMap(one).sort((a, b) => a.name.localeCompare(b.name));
}

/** When somebody has no time; `null` where that is not told. */
export type Times = readonly Busy[] | null;

/** The same of each of these addresses, side by side. */
export async function timesOf(mails: readonly string[], period: Period): Promise<Times[]> {
  const accountId = await own();
  if (!accountId) return mails.map(() => null);
  return Promise.all(mails.map((mail) => times(accountId, mail, period).catch(() => null)));
}

/** The same of each of these principals, in one request; `undefined` of whom it cannot be asked now. */
export async function timesOfPrincipals(ids: readonly Id[], period: Period): Promise<(Times | undefined)[]> {
  const accountId = await own();
  if (!accountId) return ids.map(() => null);
  return Promise.all(ids.map((id) => availability(accountId, id, period).catch((error: unknown) => untold(error))));
}

/** What nobody is told is not what cannot be asked now. */
function untold(error: unknown): null | undefined {
  return error instanceof JmapError && ["notFound", "forbidden"].includes(error.type) ? null : undefined;
}

async function times(accountId: Id, mail: string, period: Period): Promise<Times> {
  const { ids } = await jmap.call<QueryAnswer>("Principal/query", { accountId, filter: { email: mail }, limit: 2 });
  const [id] = ids;
  // Of two nobody knows who is meant.
  return !id || ids.length > 1 ? null : availability(accountId, id, period);
}

async function availability(accountId: Id, id: Id, { start, end }: Period): Promise<Busy[]> {
  const utc = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, "Z");
  const told = await jmap.call<Told>("Principal/getAvailability", { accountId, id, utcStart: utc(start), utcEnd: utc(end), showDetails: false, eventProperties: null });
  return told.list.map((it) => ({ start: new Date(it.utcStart), end: new Date(it.utcEnd), isTentative: it.busyStatus === "tentative" }));
}
