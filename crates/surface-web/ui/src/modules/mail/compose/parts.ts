// The parts of a message that go on in another: which of them the text shows, and which are which once they are on the store.

import type { BodyPart, Email } from "../../../lib/jmap/types";
import { named } from "./text";

type Known = Pick<BodyPart, "name" | "type" | "cid">;

/** A Content-ID without its brackets; none where it could not be written (RFC 2392). */
export function contentId(cid: string | null): string | null {
  const bare = cid?.trim().replace(/^<|>$/g, "") ?? "";
  return bare === "" || /[\u0000-\u0020\u007f<>]/.test(bare) ? null : bare;
}

/** All that hangs on a message. A picture that stands among its texts is not among its attachments (RFC 8621 §4.1.4). */
export function partsOf(email: Pick<Email, "attachments" | "htmlBody" | "textBody">): BodyPart[] {
  const among = [...email.htmlBody, ...email.textBody].filter((it) => !it.type.startsWith("text/"));
  const all = [...email.attachments, ...among];
  return all.filter((it, at) => it.blobId && all.findIndex((other) => other.blobId === it.blobId && other.partId === it.partId) === at);
}

/** Those that a text shows. */
export function shownIn(html: string, parts: readonly BodyPart[]): BodyPart[] {
  const cids = named(html);
  return parts.filter((it) => cids.has(contentId(it.cid) ?? ""));
}

/** Which part of a stored message is which that was sent, in the order of those; null unless all are found. */
export function matched(sent: readonly Known[], stored: readonly BodyPart[]): BodyPart[] | null {
  const free = stored.filter((it) => it.blobId);
  const found: BodyPart[] = [];
  for (const one of sent) {
    const isIt = (it: BodyPart) => (one.cid ? contentId(it.cid) === one.cid : !contentId(it.cid) && it.name === one.name && sameType(it, one));
    const at = free.findIndex(isIt);
    if (at < 0) return null;
    found.push(...free.splice(at, 1));
  }
  return found;
}

function sameType(a: Pick<BodyPart, "type">, b: Pick<BodyPart, "type">): boolean {
  const bare = (type: string) => type.split(";")[0]?.trim().toLowerCase();
  return bare(a.type) === bare(b.type);
}
