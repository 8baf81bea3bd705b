// Messages of files, put into a mailbox one after the other. What the mailbox has already, by its Message-ID, is not put there again, so
// that whatever was cut short is simply done once more.

import { t } from "../../../lib/i18n.svelte";
import { CORE, JmapError } from "../../../lib/jmap/client";
import { jmap } from "../../../lib/jmap/office";
import type { Email, GetAnswer, Id, QueryAnswer, SetAnswer } from "../../../lib/jmap/types";
import { isMbox, split, whole, type Piece } from "./mbox";

/** Messages that are looked for and imported together, and octets of theirs. */
const TOGETHER = 10;
const TOGETHER_OCTETS = 8_000_000;
/** Refusals that are not of the message: it is tried again. */
const AWAY = ["overQuota", "serverFail", "serverUnavailable"];
/** More faults are counted, and not listed. */
const MOST_LISTED = 100;
/** Messages of one Message-ID, or of one moment, that are looked at. */
const MOST_ALIKE = 50;

export class ImportRun {
  state = $state<"running" | "stopped" | "away" | "done">("running");
  imported = $state(0);
  /** Those that the mailbox had. */
  there = $state(0);
  faults = $state<string[]>([]);
  faultCount = $state(0);
  /** Octets that are read, of all. */
  read = $state(0);
  readonly size: number;
  #stop = false;
  /** What needs no other try: a file's number and a message's. */
  #settled = new Set<string>();
  /** In this run no Message-ID is imported twice. */
  #ids = new Set<string>();

  constructor(
    readonly files: readonly File[],
    readonly account: Id,
    readonly mailbox: { id: Id; name: string },
    /** Hears that messages have come. */
    private readonly changed: () => void,
    /** Whether a message is looked for as it is: its moment counts beside its Message-ID, and one without is looked for by what it holds. */
    private readonly isExact = false,
  ) {
    this.size = files.reduce((sum, it) => sum + it.size, 0);
  }

  /** Begins, or goes on after a fault. */
  async go(): Promise<void> {
    this.state = "running";
    this.#stop = false;
    try {
      const most = Number((await jmap.session()).capabilities[CORE]?.["maxSizeUpload"] ?? Number.MAX_SAFE_INTEGER);
      let before = 0;
      for (const [at, file] of this.files.entries()) {
        await this.#file(file, at, most, (end) => (this.read = before + end));
        if (this.#stop) break;
        before += file.size;
        this.read = before;
      }
      this.state = this.#stop ? "stopped" : "done";
    } catch {
      this.state = "away";
    }
    this.changed();
  }

  stop(): void {
    this.#stop = true;
  }

  async #file(file: File, at: number, most: number, reached: (end: number) => void): Promise<void> {
    const pieces = (await isMbox(file)) ? split(file, most) : one(await whole(file, most));
    let waiting: Piece[] = [];
    for await (const piece of pieces) {
      reached(piece.end);
      const key = `${at} ${piece.number}`;
      if (this.#settled.has(key)) continue;
      if (piece.isTooLarge) this.#fault(key, t("mail-import-large", { name: file.name, number: piece.number }));
      else waiting.push(piece);
      const isMuch = waiting.reduce((sum, it) => sum + it.content.size, 0) >= TOGETHER_OCTETS;
      if (waiting.length >= TOGETHER || isMuch) {
        await this.#put(file, at, waiting);
        waiting = [];
      }
      if (this.#stop) return;
    }
    await this.#put(file, at, waiting);
  }

  async #put(file: File, at: number, pieces: readonly Piece[], isAgain = false): Promise<void> {
    const key = (piece: Piece) => `${at} ${piece.number}`;
    const wanted: Piece[] = [];
    const known = await Promise.all(pieces.map((it) => this.#isThere(it)));
    for (const [index, piece] of pieces.entries()) {
      // A copy of what is imported just now: the mailbox does not show it yet.
      const again = piece.messageId !== "" && wanted.some((it) => this.#name(it) === this.#name(piece));
      if (known[index] || again) this.#there(key(piece));
      else wanted.push(piece);
    }
    if (wanted.length === 0) return;
    const blobs = await this.#upload(wanted);
    const emails = Object.fromEntries(
      wanted.map((it, index) => [`m${index}`, { blobId: blobs[index], mailboxIds: { [this.mailbox.id]: true }, keywords: it.keywords, ...(it.receivedAt ? { receivedAt: it.receivedAt } : {}) }]),
    );
    let answer: Pick<SetAnswer, "created" | "notCreated">;
    try {
      answer = await jmap.call<SetAnswer>("Email/import", { accountId: this.account, emails });
    } catch (error) {
      // Whether these are there cannot be told when it is tried again.
      for (const it of wanted) if (!it.messageId) this.#fault(key(it), t("mail-import-unknown", { name: file.name, number: it.number }));
      throw error;
    }
    const lost: Piece[] = [];
    let away: JmapError | null = null;
    for (const [index, piece] of wanted.entries()) {
      const refused = answer.notCreated?.[`m${index}`];
      // What was uploaded is not to be found: it is uploaded once more.
      if (refused?.properties?.includes("blobId") && !isAgain) {
        lost.push(piece);
        continue;
      }
      if (refused && AWAY.includes(refused.type)) away ??= new JmapError(refused.type, refused.description);
      else if (answer.created?.[`m${index}`]) {
        this.imported++;
        this.#settled.add(key(piece));
        if (piece.messageId) this.#ids.add(this.#name(piece));
      } else if (refused?.type === "alreadyExists") this.#there(key(piece));
      else this.#fault(key(piece), t("mail-import-refused", { name: file.name, number: piece.number, why: refused?.description ?? refused?.type ?? "" }));
    }
    // A store that is full, or away, takes none of what follows either. What it took of these is settled before: another try would put
    // it there twice.
    if (away) throw away;
    if (lost.length > 0) await this.#put(file, at, lost, true);
    this.changed();
  }

  /** What one message of the file is known by. */
  #name({ messageId, receivedAt }: Piece): string {
    return this.isExact ? `${messageId} ${receivedAt ?? ""}` : messageId;
  }

  async #isThere(piece: Piece): Promise<boolean> {
    const { messageId, receivedAt, content } = piece;
    if (!messageId) return this.isExact && receivedAt !== null && this.#holds(content, receivedAt);
    if (this.#ids.has(this.#name(piece))) return true;
    const filter = { operator: "AND", conditions: [{ inMailbox: this.mailbox.id }, { header: ["Message-ID", messageId] }] };
    const limit = this.isExact ? MOST_ALIKE : 1;
    const { ids } = await jmap.call<QueryAnswer>("Email/query", { accountId: this.account, filter, limit });
    if (!this.isExact || receivedAt === null || ids.length === 0) return ids.length > 0;
    const { list } = await jmap.call<GetAnswer<Email>>("Email/get", { accountId: this.account, ids, properties: ["receivedAt"] });
    return list.some((it) => Date.parse(it.receivedAt) === Date.parse(receivedAt));
  }

  /** Whether the mailbox has a message of this moment that holds the same. */
  async #holds(content: Blob, receivedAt: string): Promise<boolean> {
    const next = new Date(Date.parse(receivedAt) + 1000).toISOString().replace(/\.\d+Z$/, "Z");
    const filter = { inMailbox: this.mailbox.id, after: receivedAt, before: next };
    const { ids } = await jmap.call<QueryAnswer>("Email/query", { accountId: this.account, filter, limit: MOST_ALIKE });
    if (ids.length === 0) return false;
    const { list } = await jmap.call<GetAnswer<Email>>("Email/get", { accountId: this.account, ids, properties: ["blobId", "size"] });
    const wanted = await digest(content);
    // The store counts line ends as two octets: what is shorter, or has more than each octet could be, is another.
    for (const it of list.filter((it) => it.size >= content.size && it.size <= 2 * content.size)) {
      const response = await fetch(jmap.download(this.account, it.blobId, "message.eml", "message/rfc822"), { credentials: "same-origin" });
      if (!response.ok) throw new JmapError("serverUnavailable", `${response.status} for a message`);
      if ((await digest(await response.blob())) === wanted) return true;
    }
    return false;
  }

  async #upload(pieces: readonly Piece[]): Promise<Id[]> {
    const blobs: Id[] = [];
    for (const it of pieces) blobs.push((await jmap.upload(this.account, it.content)).blobId);
    return blobs;
  }

  #there(key: string): void {
    this.there++;
    this.#settled.add(key);
  }

  #fault(key: string, text: string): void {
    this.#settled.add(key);
    this.faultCount++;
    if (this.faults.length < MOST_LISTED) this.faults.push(text);
  }
}

/** Of a message's octets, whichever line ends they have. */
async function digest(content: Blob): Promise<string> {
  const octets = new Uint8Array(await content.arrayBuffer());
  const plain = octets.filter((octet, at) => octet !== 13 || octets[at + 1] !== 10);
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", plain))].join();
}

async function* one(piece: Piece): AsyncGenerator<Piece> {
  yield piece;
}
