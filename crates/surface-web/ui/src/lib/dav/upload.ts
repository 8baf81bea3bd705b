// Sending a file: in one request, or a large one in parts that can be gone on with after a break (docs/DAV.md).

import { connection } from "../connection.svelte";
import { dav, DavError, propfind } from "./client";
import { address, names, type Place } from "./files";

/** From this size on a file goes in parts, of this size, in octets. */
export const LARGE = 32 * 1024 * 1024;
export const PART = 16 * 1024 * 1024;

export interface Sending {
  file: File;
  to: Place;
  /** One's own login: whose transfers they are. */
  me: string;
  /** Whether what is there already may be replaced. */
  replaces: boolean;
  /** When it was changed where it comes from, in milliseconds since 1970, where that is to be kept (docs/DAV.md). */
  modified?: number | null;
  signal: AbortSignal;
  onprogress: (sent: number) => void;
}

export async function send(sending: Sending): Promise<void> {
  if (sending.file.size >= LARGE) await inParts(sending);
  else await put(address(sending.to), sending.file, sending, 0, { ...dated(sending), ...(sending.replaces ? {} : { "if-none-match": "*" }) });
}

function dated({ modified }: Sending): Record<string, string> {
  return typeof modified === "number" && modified >= 0 ? { "x-oc-mtime": String(Math.floor(modified / 1000)) } : {};
}

async function inParts(sending: Sending): Promise<void> {
  const { file, to, me, replaces, signal } = sending;
  const transfer = `/dav/uploads/${encodeURIComponent(me)}/${await nameOf(sending)}`;
  const destination = { destination: location.origin + address(to) };
  const there = (await begin(transfer, destination)) ? null : await parts(transfer, destination);
  const count = Math.ceil(file.size / PART);
  for (let number = 1; number <= count; number++) {
    signal.throwIfAborted();
    const from = (number - 1) * PART;
    const part = file.slice(from, from + PART);
    if (there?.get(number) === part.size) sending.onprogress(from + part.size);
    else await put(`${transfer}/${number}`, part, sending, from, destination);
  }
  await dav("MOVE", `${transfer}/.file`, { ...destination, ...dated(sending), overwrite: replaces ? "T" : "F", "oc-total-length": String(file.size) });
}

/** Whether it is begun now; an earlier try is gone on with (405, RFC 4918 §9.3.1). */
async function begin(transfer: string, headers: Record<string, string>): Promise<boolean> {
  try {
    await dav("MKCOL", transfer, headers);
    return true;
  } catch (error) {
    if (error instanceof DavError && error.status === 405) return false;
    throw error;
  }
}

/** What of an earlier try is there, by number; the server writes them with zeros in front. */
async function parts(transfer: string, headers: Record<string, string>): Promise<Map<number, number>> {
  const found = await propfind(transfer, 1, ["D:getcontentlength"], headers);
  return new Map(found.map((it) => [Number(names(it.href).at(-1)), Number(it.properties.getcontentlength ?? -1)]));
}

/** The same file to the same place has the same name, so that a try after a new start of the browser goes on. */
async function nameOf({ file, to }: Sending): Promise<string> {
  const facts = [to.owner, to.path, file.name, file.size, file.lastModified].join("\n");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(facts));
  const hex = [...new Uint8Array(digest)].map((octet) => octet.toString(16).padStart(2, "0")).join("");
  return `office-${hex.slice(0, 32)}`;
}

/** A PUT that says how far it is, which `fetch` does not. */
async function put(path: string, body: Blob, sending: Sending, before: number, headers: Record<string, string>): Promise<void> {
  // Whoever signs on meanwhile may be another person: nothing goes out in their name.
  await connection.held();
  // What was taken back while it waited is not sent.
  sending.signal.throwIfAborted();
  const status = await new Promise<number>((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    sending.signal.addEventListener("abort", stop, { once: true });
    request.onloadend = () => sending.signal.removeEventListener("abort", stop);
    request.open("PUT", path);
    request.setRequestHeader("content-type", "application/octet-stream");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => sending.onprogress(before + event.loaded);
    request.onload = () => resolve(request.status);
    request.onerror = () => resolve(0);
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.send(body);
  });
  if (status === 401) {
    await connection.signedOn();
    return put(path, body, sending, before, headers);
  }
  if (status === 0) connection.lost();
  else connection.reached();
  if (status < 200 || status > 299) throw new DavError(status);
  sending.onprogress(before + body.size);
}
