// What a backup has in it, as the gateway writes it. Texts of it are read with care: an archive comes from anywhere.

import type { Member, Zip } from "../../../lib/zip/read";

export interface Box {
  /** Its names joined by "/". */
  name: string;
  member: Member;
  /** `null` where it is not told. */
  messages: number | null;
}

export interface Signature {
  /** The address that it was for; empty where that is not told. */
  address: string;
  /** Which of the addresses it was, from 0. */
  position: number;
  /** What was set of an identity (RFC 8621 §6). */
  content: Record<string, unknown>;
}

export interface Filter {
  name: string;
  text: string;
  isActive: boolean;
}

/** A calendar or an address book. */
export interface Collection {
  family: "calendars" | "contacts";
  /** Its name in addresses. */
  name: string;
  member: Member;
  /** What is said of it; empty where nothing is. */
  displayName: string;
  description: string;
  colour: string;
  /** What a calendar holds, as iCalendar names it; none for everything. */
  holds: readonly string[];
}

export interface Contents {
  zip: Zip;
  mailboxes: readonly Box[];
  /** Files and folders, each by its way in one's own files. */
  files: readonly { path: string; member: Member }[];
  collections: readonly Collection[];
  signatures: readonly Signature[];
  filters: readonly Filter[];
  /** What could not be taken away when it was made, in words. */
  missing: string;
}

/** Longest text that is read of an archive, in octets. */
const LONGEST = 16 * 1024 * 1024;
/** What of an identity is a person's own, and is set again. */
const OWN = ["name", "replyTo", "bcc", "textSignature", "htmlSignature"];

export async function contents(zip: Zip): Promise<Contents> {
  const byName = new Map(zip.members.map((it) => [it.name, it]));
  const text = async (name: string): Promise<string> => {
    const member = byName.get(name);
    return !member || member.isFolder || member.size > LONGEST ? "" : (await zip.content(member)).text();
  };
  const rows = async (name: string, what: string) => records(record(parsed(await text(name)))[what]);
  const mailboxes = boxes(zip, byName, await rows("settings/mailboxes.json", "mailboxes"));
  const files = zip.members.filter((it) => it.name.startsWith("files/")).map((member) => ({ path: member.name.slice("files/".length), member }));
  const filters: Filter[] = [];
  for (const row of await rows("settings/filters.json", "filters")) {
    if (typeof row.name !== "string" || typeof row.member !== "string" || !byName.has(row.member)) continue;
    filters.push({ name: row.name, text: await text(row.member), isActive: row.isActive === true });
  }
  const collections: Collection[] = [];
  for (const family of ["calendars", "contacts"] as const)
    for (const row of await rows(`settings/${family}.json`, family)) {
      const member = typeof row.member === "string" ? byName.get(row.member) : undefined;
      if (!member || member.isFolder || typeof row.name !== "string" || row.name === "") continue;
      const said = (value: unknown): string => (typeof value === "string" ? value : "");
      const holds = Array.isArray(row.holds) ? row.holds.filter((it) => it === "VEVENT" || it === "VTODO" || it === "VJOURNAL") : [];
      collections.push({ family, name: row.name, member, displayName: said(row.displayName), description: said(row.description), colour: said(row.colour), holds });
    }
  const signatures = await signed(record(parsed(await text("settings/preferences.json"))));
  return { zip, mailboxes, files, collections, signatures, filters, missing: (await text("NOT-IN-HERE.txt")).trim() };
}

/** Mailboxes by the list of them; a file that is not in it is called as its mailbox. */
function boxes(zip: Zip, byName: ReadonlyMap<string, Member>, rows: readonly Record<string, unknown>[]): Box[] {
  const told = new Map<Member, Box>();
  for (const { name, member, messages } of rows) {
    const file = typeof member === "string" ? byName.get(member) : undefined;
    const isName = typeof name === "string" && name !== "" && !name.split("/").includes("");
    if (file && !file.isFolder && isName) told.set(file, { name, member: file, messages: typeof messages === "number" ? messages : null });
  }
  const inMail = zip.members.filter((it) => !it.isFolder && /^mail\/.+\.mbox$/.test(it.name));
  return inMail.map((member) => told.get(member) ?? { name: member.name.slice("mail/".length, -".mbox".length), member, messages: null });
}

/** What was set of identities, each with the address whose digest it is kept under. */
async function signed(document: Record<string, unknown>): Promise<Signature[]> {
  const addresses = new Map<string, { address: string; position: number }>();
  for (const [position, address] of (Array.isArray(document.addresses) ? document.addresses : []).entries())
    if (typeof address === "string") addresses.set(await digest(address), { address, position });
  const found: Signature[] = [];
  for (const [name, value] of Object.entries(record(document.preferences))) {
    const key = /^identity\.([0-9a-f]{24})$/.exec(name)?.[1];
    if (!key || typeof value !== "string") continue;
    const content = Object.fromEntries(Object.entries(record(parsed(value))).filter(([property]) => OWN.includes(property)));
    if (Object.keys(content).length > 0) found.push({ ...(addresses.get(key) ?? { address: "", position: -1 }), content });
  }
  return found;
}

async function digest(address: string): Promise<string> {
  const octets = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(address.toLowerCase()));
  return [...new Uint8Array(octets)].slice(0, 12).map((it) => it.toString(16).padStart(2, "0")).join("");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}
