// Where a collection is for the gateway's own addresses: whose, and by which name. JMAP tells it by an id, which is a digest of that
// name (docs/JMAP.md); names are told by CalDAV and CardDAV.

import { propfind } from "../dav/client";
import { jmap } from "../jmap/office";
import type { Id } from "../jmap/types";

export type Family = "calendars" | "contacts";

/** A calendar or an address book that a file goes into or is made of. */
export interface Target {
  account: Id;
  id: Id;
  /** As people call it. */
  name: string;
}

/** How many octets of the digest an id has. */
const KEPT = 8;

/** The address that does `what` with the collection. */
export async function addressOf(family: Family, target: Target, what: "import" | "export", more: Record<string, string> = {}): Promise<string> {
  const named = await nameOf(family, target);
  return `/api/${family}/${what}?${new URLSearchParams({ ...named, ...more }).toString()}`;
}

/** Whose it is, and by which name. */
export async function nameOf(family: Family, { account, id }: Target): Promise<{ owner: string; name: string }> {
  const session = await jmap.session();
  const owner = session.accounts[account]?.name ?? "";
  const home = await propfind(`/dav/${family}/${encodeURIComponent(owner)}/`, 1, ["D:resourcetype"]);
  for (const { href } of home) {
    const name = decodeURIComponent(href.replace(/\/$/, "").split("/").at(-1) ?? "");
    if ((await idOf(name)) === id) return { owner, name };
  }
  throw new Gone();
}

/** There is none of this id any more. */
export class Gone extends Error {}

/** The id that JMAP has for a collection of this name. */
export async function idOf(name: string): Promise<Id> {
  const octets = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name))).slice(0, KEPT);
  return `C${btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}
