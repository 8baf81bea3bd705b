// What an answer begins with: who wrote what, as a quote.

import type { Address, BodyPart, Email } from "../../../lib/jmap/types";
import { sameAddress } from "./addresses";

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export function htmlOfText(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .split("\n")
    .map((line) => `<div>${escapeHtml(line) || "<br>"}</div>`)
    .join("");
}

/** The text of a message as HTML, not cleaned yet. */
export function htmlOf(email: Email): string {
  const value = (part: BodyPart) => (part.partId && email.bodyValues[part.partId]?.value) || "";
  const page = email.htmlBody.find((part) => part.type === "text/html");
  return page ? value(page) : htmlOfText(email.textBody.map(value).join("\n"));
}

export function quoted(email: Email, line: string): string {
  return `<div><br></div><div dir="auto">${escapeHtml(line)}</div><blockquote type="cite" dir="auto">${htmlOf(email)}</blockquote>`;
}

/** `Re:` once, whatever stands there already. */
export function answerSubject(subject: string | null, prefix: "Re" | "Fwd"): string {
  const known = prefix === "Re" ? /^\s*(re|aw|antw|sv|rép|réf|رد)\s*(\[\d+\])?\s*:/iu : /^\s*(fwd?|tr|wg|enc|rv|i)\s*:/iu;
  return known.test(subject ?? "") ? (subject ?? "") : `${prefix}: ${subject ?? ""}`;
}

/** Whom an answer goes to (RFC 5322 §3.6.3): who wrote it, or where answers are wanted; with `all` the others too, never oneself. */
export function recipients(email: Email, own: readonly Address[], all: boolean): { to: Address[]; cc: Address[] } {
  const isOwn = (address: Address) => own.some((it) => sameAddress(it, address));
  const wrote = email.replyTo?.length ? email.replyTo : (email.from ?? []);
  // An answer to what one wrote oneself goes where that went.
  const to = wrote.every(isOwn) ? (email.to ?? []) : wrote;
  if (!all) return { to: once(to), cc: [] };
  const others = [...(email.to ?? []), ...(email.cc ?? [])].filter((it) => !isOwn(it) && !to.some((other) => sameAddress(it, other)));
  return { to: once(to), cc: once(others) };
}

function once(addresses: readonly Address[]): Address[] {
  return addresses.filter((it, at) => addresses.findIndex((other) => sameAddress(it, other)) === at);
}

/** The chain of messages that an answer belongs to (RFC 5322 §3.6.4). */
export function chain(email: Email): { inReplyTo: string[] | null; references: string[] | null } {
  const own = email.messageId ?? [];
  const before = email.references ?? email.inReplyTo ?? [];
  return { inReplyTo: own.length ? own : null, references: own.length ? [...before, ...own] : null };
}
