// The parts of a message: what its text consists of, its pictures, and what can be downloaded.

import { jmap } from "../../../lib/jmap/office";
import type { BodyPart, Email, Id } from "../../../lib/jmap/types";

/** Only these are ever shown as pictures: none of them can act. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);
/** Larger pictures are for download, in octets. */
const LARGEST_SHOWN = 20_000_000;
/** A PDF is fetched whole, since a message has no pieces. */
const LARGEST_PDF = 100_000_000;

export function isPictureType(type: string): boolean {
  return PICTURES.has(type.toLowerCase());
}

export function isPicture(part: BodyPart): boolean {
  return isPictureType(part.type) && part.size <= LARGEST_SHOWN;
}

/** Many programs send a PDF as what they know nothing of. */
export function isPdf(part: BodyPart): boolean {
  const type = part.type.toLowerCase();
  const isCalled = type === "application/octet-stream" && /\.pdf$/i.test(part.name ?? "");
  return (type === "application/pdf" || type === "application/x-pdf" || isCalled) && part.size <= LARGEST_PDF;
}

/** The Content-ID as it is named in a text; empty where there is none. */
export function cidOf(part: BodyPart): string {
  return (part.cid ?? "").replace(/^<|>$/g, "");
}

export function addressOf(account: Id, part: BodyPart): string {
  return part.blobId ? jmap.download(account, part.blobId, part.name ?? "attachment", part.type) : "";
}

/** A picture as an address within this page. Whoever asks gives it back by `URL.revokeObjectURL`. */
export async function pictureOf(account: Id, part: BodyPart): Promise<string> {
  const response = await fetch(addressOf(account, part), { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${response.status} for a picture`);
  return URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: part.type }));
}

/** The pictures that an HTML text names by their Content-ID (RFC 2392), by it. */
export async function inlinePictures(account: Id, email: Email, html: string): Promise<Map<string, string>> {
  const wanted = media(email).filter((part) => part.cid && isPicture(part) && html.includes(cidOf(part)));
  const found = await Promise.allSettled(
    wanted.map(async (part) => [cidOf(part), await pictureOf(account, part)] as const),
  );
  return new Map(found.flatMap((it) => (it.status === "fulfilled" ? [it.value] : [])));
}

/** Of what a message's text consists, in its order. */
export type Piece = { kind: "html" | "text"; text: string } | { kind: "picture"; part: BodyPart };

/** The text with all its parts: some programs write one, a picture, and another (RFC 8621 §4.1.4). */
export function pieces(email: Email): Piece[] {
  const found = email.htmlBody.flatMap((part): Piece[] => {
    if (isPicture(part)) return [{ kind: "picture", part }];
    const text = part.partId ? email.bodyValues[part.partId]?.value : undefined;
    return !isText(part) || text === undefined ? [] : [{ kind: part.type.toLowerCase() === "text/html" ? "html" : "text", text }];
  });
  if (found.some((it) => it.kind !== "picture")) return found;
  const text = email.textBody.map((part) => (isText(part) && part.partId && email.bodyValues[part.partId]?.value) || "").join("\n");
  return [{ kind: "text", text }, ...found];
}

function isText(part: BodyPart): boolean {
  return ["text/plain", "text/html"].includes(part.type.toLowerCase());
}

/** What is no text: it may stand between the texts, and is then no attachment of the server's list. */
function media(email: Email): BodyPart[] {
  const key = (part: BodyPart) => part.partId ?? part.blobId;
  const found = new Map(email.attachments.map((part) => [key(part), part]));
  for (const part of [...email.htmlBody, ...email.textBody]) if (!isText(part) && !found.has(key(part))) found.set(key(part), part);
  return [...found.values()];
}

/** Whether a message may be about a meeting: an invitation, an answer, a change. */
export function mayInvite(email: Email): boolean {
  return media(email).some((part) => /^(text\/calendar|application\/ics)$/i.test(part.type) || /\.ics$/i.test(part.name ?? ""));
}

/** What is attached, without the pictures that an HTML text shows. */
export function attachmentsOf(email: Email, shown: ReadonlySet<string>): BodyPart[] {
  return media(email).filter((part) => !(part.cid && shown.has(cidOf(part))));
}
