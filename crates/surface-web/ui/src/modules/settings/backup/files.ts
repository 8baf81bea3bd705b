// Files of a backup put below the same names, by WebDAV. What is there and different stays, and the backup's is put beside it.

import { dav, DavError } from "../../../lib/dav/client";
import { address, list, makeFolder, names, within, type Item, type Place } from "../../../lib/dav/files";
import { send } from "../../../lib/dav/upload";
import type { Member, Zip } from "../../../lib/zip/read";

export type Outcome = "sent" | "there" | "beside";

/** More of the same name are not tried. */
const MOST_BESIDE = 100;

export class Files {
  /** What is in a folder, by its path. */
  #known = new Map<string, Map<string, Item>>();

  constructor(
    private readonly zip: Zip,
    private readonly me: string,
    private readonly signal: AbortSignal,
    private readonly onprogress: (sent: number) => void,
  ) {}

  /** Puts a file or folder there. */
  async put(path: string, member: Member): Promise<Outcome> {
    const parts = names(path);
    const name = parts.pop() ?? "";
    const folder = await this.#folder(parts);
    if (member.isFolder) {
      await this.#folder([...names(folder.path), name]);
      return "there";
    }
    const there = await this.#list(folder);
    let content: Blob | null = null;
    for (let number = 0; number < MOST_BESIDE; number++) {
      this.signal.throwIfAborted();
      const called = number === 0 ? name : beside(name, number);
      const found = there.get(called);
      if (found && found.isFolder) continue;
      if (found) {
        if (found.size !== member.size) continue;
        if (member.modified !== null && found.modified?.getTime() === member.modified) return "there";
        content ??= await this.zip.content(member);
        if (await isSame(within(folder, called), content, this.signal)) return "there";
        continue;
      }
      content ??= await this.zip.content(member);
      const file = new File([content], called, { lastModified: member.modified ?? 0 });
      try {
        await send({ file, to: within(folder, called), me: this.me, replaces: false, modified: member.modified, signal: this.signal, onprogress: this.onprogress });
      } catch (error) {
        // Somebody was quicker: it is looked at as what was there.
        if (!(error instanceof DavError && error.status === 412)) throw error;
        this.#known.delete(folder.path);
        return this.put(path, member);
      }
      there.set(called, { name: called, isFolder: false, size: member.size, modified: null, type: "", etag: "" });
      return number === 0 ? "sent" : "beside";
    }
    throw new DavError(409);
  }

  /** A folder with those above it, made where it is not there. A file of its name stays, and the folder is put beside it. */
  async #folder(parts: readonly string[]): Promise<Place> {
    let at: Place = { owner: this.me, path: "" };
    for (const part of parts) {
      const there = await this.#list(at);
      let called = part;
      for (let number = 1; there.get(called)?.isFolder === false && number < MOST_BESIDE; number++) called = beside(part, number);
      const next = within(at, called);
      if (!there.has(called)) {
        this.signal.throwIfAborted();
        await makeFolder(next).catch((error: unknown) => {
          // It is there meanwhile (RFC 4918 §9.3.1).
          if (!(error instanceof DavError && error.status === 405)) throw error;
        });
        there.set(called, { name: called, isFolder: true, size: 0, modified: null, type: "", etag: "" });
      }
      at = next;
    }
    return at;
  }

  async #list(folder: Place): Promise<Map<string, Item>> {
    const known = this.#known.get(folder.path);
    if (known) return known;
    const found = new Map((await list(folder)).map((it) => [it.name, it]));
    this.#known.set(folder.path, found);
    return found;
  }
}

/** `plan.odt` as `plan (restored).odt`, and the next as `plan (restored 2).odt`: a name that is the same in each language, so that
 * what is done again in another finds it. */
export function beside(name: string, number: number): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return `${stem} (restored${number > 1 ? ` ${number}` : ""})${ending}`;
}

/** Whether a file has this content: both are read side by side, up to the first octet that differs. */
async function isSame(place: Place, content: Blob, signal: AbortSignal): Promise<boolean> {
  const response = await dav("GET", address(place));
  const reader = response.body?.getReader();
  if (!reader) return false;
  let at = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return at === content.size;
      const ours = new Uint8Array(await content.slice(at, at + value.length).arrayBuffer());
      if (ours.length !== value.length || value.some((octet, index) => octet !== ours[index])) return false;
      at += value.length;
    }
  } finally {
    void reader.cancel();
  }
}
