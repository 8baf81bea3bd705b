// What is being sent: a few at a time, each with how far it is, and gone on with where it broke off.

import { DavError } from "../../lib/dav/client";
import { above, makeFolder, nameOf, within, type Place } from "../../lib/dav/files";
import { send } from "../../lib/dav/upload";
import { removals } from "./removals.svelte";

type State = "waiting" | "sending" | "done" | "taken" | "failed";

/** How many are sent at a time. */
const AT_ONCE = 3;

export class Upload {
  sent = $state(0);
  state = $state<State>("waiting");
  /** Why it failed, as a status of HTTP; 0 without a connection. */
  status = $state(0);
  replaces = false;
  readonly stop = new AbortController();

  constructor(readonly file: File, readonly to: Place, readonly me: string) {}

  get name(): string {
    return nameOf(this.to);
  }
}

class Uploads {
  all = $state.raw<readonly Upload[]>([]);
  /** The folder where something came last, and a number that grows with it. */
  came = $state.raw<{ place: Place; count: number } | null>(null);

  get isBusy(): boolean {
    return this.all.some((it) => it.state === "waiting" || it.state === "sending");
  }

  add(files: readonly { file: File; to: Place }[], me: string): void {
    this.all = [...this.all, ...files.map(({ file, to }) => new Upload(file, to, me))];
    this.#next();
  }

  /** Once more; `replaces` what is there already. */
  retry(upload: Upload, replaces = false): void {
    upload.replaces = replaces;
    upload.state = "waiting";
    this.#next();
  }

  drop(upload: Upload): void {
    upload.stop.abort();
    this.all = this.all.filter((it) => it !== upload);
    this.#next();
  }

  /** Takes what is done off the list. */
  clear(): void {
    this.all = this.all.filter((it) => it.state !== "done");
  }

  #next(): void {
    const busy = this.all.filter((it) => it.state === "sending").length;
    for (const upload of this.all.filter((it) => it.state === "waiting").slice(0, AT_ONCE - busy)) void this.#send(upload);
  }

  async #send(upload: Upload): Promise<void> {
    upload.state = "sending";
    try {
      const { file, to, me, replaces, stop } = upload;
      await removals.settle(to);
      await send({ file, to, me, replaces, signal: stop.signal, onprogress: (sent) => (upload.sent = sent) });
      upload.state = "done";
      this.came = { place: above(to), count: (this.came?.count ?? 0) + 1 };
    } catch (error) {
      upload.status = error instanceof DavError ? error.status : 0;
      upload.state = upload.status === 412 ? "taken" : "failed";
    }
    this.#next();
  }
}

export const uploads = new Uploads();

/** What was dropped, with the folders that were: they are made as they are met. */
export async function dropped(items: DataTransferItemList, to: Place): Promise<{ file: File; to: Place }[]> {
  // The list is empty as soon as the event is over.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((it) => it !== null);
  const files: { file: File; to: Place }[] = [];
  const walk = async (entry: FileSystemEntry, folder: Place): Promise<void> => {
    const place = within(folder, entry.name);
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      files.push({ file, to: place });
      return;
    }
    await removals.settle(place);
    await makeFolder(place).catch((error: unknown) => {
      // It is there already.
      if (!(error instanceof DavError && error.status === 405)) throw error;
    });
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const inside of some) await walk(inside, place);
    }
  };
  for (const entry of entries) await walk(entry, to);
  return files;
}
