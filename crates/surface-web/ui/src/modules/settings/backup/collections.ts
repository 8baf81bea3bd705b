// Calendars and address books of a backup: made by CalDAV and CardDAV where they are not there, and filled by the gateway's own import,
// which knows what is there already.

import { ApiError } from "../../../lib/api/client";
import { dav, propfind } from "../../../lib/dav/client";
import type { Zip } from "../../../lib/zip/read";
import type { Collection } from "./contents";

/** What came of it. */
export interface Filled {
  new: number;
  /** What is there already. */
  there: number;
  faults: readonly string[];
  faultCount: number;
}

/** Puts one back. One of its name that is there gets what it has not. */
export async function putCollection(zip: Zip, me: string, collection: Collection): Promise<Filled> {
  const { family, name, member } = collection;
  const home = `/dav/${family}/${encodeURIComponent(me)}/`;
  const there = (await propfind(home, 1, ["D:resourcetype"])).map((it) => decodeURIComponent(it.href.replace(/\/$/, "").split("/").at(-1) ?? ""));
  if (!there.includes(name))
    await dav("MKCOL", `${home}${encodeURIComponent(name)}/`, { "content-type": "application/xml; charset=utf-8" }, made(collection));
  const to = `/api/${family}/import?name=${encodeURIComponent(name)}&mode=write&duplicates=skip`;
  const response = await dav("POST", to, { "content-type": "application/octet-stream" }, await zip.content(member));
  const told: unknown = await response.json();
  return filled(told);
}

/** What an import tells. */
export function filled(told: unknown): Filled {
  const answer = told as { new?: number; same?: number; skipped?: number; failed?: number; rows?: { line: number; title: string; outcome: string; what: string }[] };
  if (typeof answer?.new !== "number" || !Array.isArray(answer.rows)) throw new ApiError(500, "internal", "");
  const faults = answer.rows.filter((it) => it.outcome === "failed").map((it) => `${it.title || it.line}: ${it.what}`);
  return { new: answer.new, there: (answer.same ?? 0) + (answer.skipped ?? 0), faults, faultCount: answer.failed ?? 0 };
}

/** The body of an extended MKCOL (RFC 5689 §3), which makes either. */
export function made({ family, displayName, description, colour, holds }: Collection): string {
  const isCalendar = family === "calendars";
  const text = (name: string, value: string): string => (value === "" ? "" : `<${name}>${escaped(value)}</${name}>`);
  const kinds = holds.map((it) => `<C:comp name="${it}"/>`).join("");
  return `<?xml version="1.0" encoding="utf-8"?><D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:R="urn:ietf:params:xml:ns:carddav" xmlns:A="http://apple.com/ns/ical/"><D:set><D:prop><D:resourcetype><D:collection/>${
    isCalendar ? "<C:calendar/>" : "<R:addressbook/>"
  }</D:resourcetype>${text("D:displayname", displayName)}${text(isCalendar ? "C:calendar-description" : "R:addressbook-description", description)}${text("A:calendar-color", isCalendar ? colour : "")}${
    isCalendar && kinds ? `<C:supported-calendar-component-set>${kinds}</C:supported-calendar-component-set>` : ""
  }</D:prop></D:set></D:mkcol>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");
}
