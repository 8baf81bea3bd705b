// The parts of a message as blobs: downloads, and the pictures that its text shows.

import { jmap } from "../../../lib/jmap/office";
import type { BodyPart, Email, Id } from "../../../lib/jmap/types";

/** Only these are ever shown as pictures: none of them can act. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);
/** Larger pictures are for download, in octets. */
const LARGEST_SHOWN = 20_000_000;

export function isPictureType(type: string): boolean {
  return PICTURES.has(type.toLowerCase());
}

export function isPicture(part: BodyPart): boolean {
  return isPictureType(part.type) && part.size <= LARGEST_SHOWN;
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
  const wanted = email.attachments.filter((part) => part.cid && isPicture(part) && html.includes(part.cid.replace(/^<|>$/g, "")));
  const found = await Promise.allSettled(
    wanted.map(async (part) => [(part.cid ?? "").replace(/^<|>$/g, ""), await pictureOf(account, part)] as const),
  );
  return new Map(found.flatMap((it) => (it.status === "fulfilled" ? [it.value] : [])));
}

/** What is attached, without the pictures that the text shows. */
export function attachmentsOf(email: Email, shown: ReadonlySet<string>): BodyPart[] {
  return email.attachments.filter((part) => !(part.cid && shown.has(part.cid.replace(/^<|>$/g, ""))));
}
