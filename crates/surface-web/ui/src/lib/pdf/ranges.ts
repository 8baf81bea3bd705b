// Pieces of a file by HTTP (RFC 9110 §14), so that a large PDF opens without being fetched whole. What has changed meanwhile is not
// mixed with what was read before.

import { dav, DavError } from "../dav/client";
import { conditionOf } from "../dav/files";

/** What is asked for first, in octets: a head, and a small PDF as a whole. */
export const FIRST = 256 * 1024;
/** The largest file that is fetched whole where its server gives no pieces, in octets. */
export const LARGEST_WHOLE = 128 * 1024 * 1024;

/** Why a file cannot be shown; `pdf-fault-` and the word is the message. */
export type Why = "broken" | "password" | "gone" | "changed" | "large" | "away";

export class PdfFault extends Error {
  constructor(readonly why: Why) {
    super(`a PDF that is ${why}`);
  }
}

export interface Piece {
  octets: Uint8Array<ArrayBuffer>;
  /** Octets of the whole file. */
  whole: number;
  /** Which content it is of; empty where the server does not say. */
  etag: string;
}

/** The octets from..to of a file, or all of it where its server gives no pieces. */
export async function piece(address: string, from: number, to: number, etag: string, signal: AbortSignal): Promise<Piece> {
  let response: Response;
  try {
    response = await dav("GET", address, { range: `bytes=${from}-${to - 1}`, ...conditionOf(etag) });
  } catch (error) {
    throw new PdfFault(whyOf(error));
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && (!range || Number(range[1]) !== from)) throw new PdfFault("broken");
  const octets = await whole(response, range ? to - from : LARGEST_WHOLE, signal);
  return { octets, whole: range ? Number(range[2]) : octets.length, etag: response.headers.get("etag") ?? "" };
}

function whyOf(error: unknown): Why {
  const status = error instanceof DavError ? error.status : 0;
  if (status === 404 || status === 403 || status === 410) return "gone";
  // RFC 9110 §15.5.17: it has no such octets, not even the first.
  if (status === 416) return "broken";
  return status === 412 ? "changed" : "away";
}

/** The body, if it has no more than so many octets. */
async function whole(response: Response, most: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (reader) {
    let read: ReadableStreamReadResult<Uint8Array>;
    try {
      read = await reader.read();
    } catch {
      throw new PdfFault("away");
    }
    if (read.done) break;
    size += read.value.length;
    pieces.push(read.value);
    if (size > most || signal.aborted) {
      await reader.cancel().catch(() => undefined);
      throw new PdfFault(signal.aborted ? "away" : "large");
    }
  }
  const octets = new Uint8Array(size);
  pieces.reduce((at, it) => (octets.set(it, at), at + it.length), 0);
  return octets;
}
