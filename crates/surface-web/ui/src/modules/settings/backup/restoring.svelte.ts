// A backup that is put back, part by part. What is there already is not put there again, so that whatever was cut short is simply
// done once more.

import { DavError } from "../../../lib/dav/client";
import { t } from "../../../lib/i18n.svelte";
import { ZipError } from "../../../lib/zip/read";
import { ImportRun } from "../../mail/archive/importing.svelte";
import { putCollection } from "./collections";
import type { Contents } from "./contents";
import { Files } from "./files";
import { Mailboxes, NoMailbox } from "./mailboxes";
import { putFilter, putSignature, Refused } from "./set";

/** More faults are counted, and not listed. */
const MOST_LISTED = 100;

export interface Chosen {
  /** The names of mailboxes. */
  mailboxes: ReadonlySet<string>;
  files: boolean;
  calendars: boolean;
  contacts: boolean;
  signatures: boolean;
  filters: boolean;
}

interface Step {
  label: string;
  size: number;
  run: () => Promise<void>;
}

export class RestoreRun {
  state = $state<"running" | "stopped" | "away" | "done">("running");
  /** What is being put back. */
  label = $state("");
  /** Octets that are done, of all. */
  done = $state(0);
  total = $state(1);
  messages = $state(0);
  files = $state(0);
  items = $state(0);
  settings = $state(0);
  /** What was there already. */
  there = $state(0);
  /** Files that are beside others of their names. */
  beside = $state<string[]>([]);
  /** Settings that are as they were, since there are others. */
  kept = $state(0);
  faults = $state<string[]>([]);
  faultCount = $state(0);
  #stop = new AbortController();
  #import: ImportRun | null = null;

  constructor(
    readonly contents: Contents,
    readonly chosen: Chosen,
    private readonly me: string,
  ) {}

  /** Begins, or goes on. */
  async go(): Promise<void> {
    Object.assign(this, { state: "running", done: 0, messages: 0, files: 0, items: 0, settings: 0, there: 0, beside: [], kept: 0, faults: [], faultCount: 0 });
    this.#stop = new AbortController();
    const steps = this.#steps();
    this.total = Math.max(1, steps.reduce((sum, it) => sum + it.size, 0));
    let before = 0;
    try {
      for (const step of steps) {
        this.#stop.signal.throwIfAborted();
        this.label = step.label;
        await this.#one(step);
        this.done = before += step.size;
      }
      this.state = this.#stop.signal.aborted ? "stopped" : "done";
    } catch {
      this.state = this.#stop.signal.aborted ? "stopped" : "away";
    }
  }

  stop(): void {
    this.#stop.abort();
    this.#import?.stop();
  }

  /** One that is refused is told, and the others follow; what is away takes none of them. */
  async #one({ label, run }: Step): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (error instanceof ZipError) this.#fault(label, t("backup-fault-broken"));
      else if (error instanceof NoMailbox || error instanceof Refused) this.#fault(label, error.message);
      else if (error instanceof DavError && [400, 403, 404, 405, 409, 412, 413, 415, 422, 423].includes(error.status)) this.#fault(label, t("backup-fault-refused"));
      else throw error;
    }
  }

  #steps(): Step[] {
    const { contents, chosen } = this;
    const steps: Step[] = [];
    if (chosen.signatures) for (const it of contents.signatures) steps.push({ label: it.address || t("backup-signatures"), size: 1, run: async () => this.#set(await putSignature(it)) });
    if (chosen.filters) for (const it of contents.filters) steps.push({ label: it.name, size: 1, run: async () => this.#set(await putFilter(it)) });
    for (const it of contents.collections.filter((it) => chosen[it.family]))
      steps.push({ label: it.displayName || it.name, size: it.member.size + 1, run: () => this.#collection(it) });
    let mailboxes: Promise<Mailboxes> | null = null;
    for (const it of contents.mailboxes.filter((it) => chosen.mailboxes.has(it.name)))
      steps.push({ label: it.name, size: it.member.size, run: async () => this.#mailbox(await (mailboxes ??= Mailboxes.load()), it) });
    if (!chosen.files) return steps;
    const files = new Files(contents.zip, this.me, this.#stop.signal, () => {});
    for (const { path, member } of contents.files) {
      const run = async () => {
        const outcome = await files.put(path, member);
        if (member.isFolder) return;
        if (outcome === "there") this.there++;
        else this.files++;
        if (outcome === "beside") this.beside = [...this.beside, path].slice(0, MOST_LISTED);
      };
      steps.push({ label: path, size: member.size + 1, run });
    }
    return steps;
  }

  async #mailbox(mailboxes: Mailboxes, { name, member }: Contents["mailboxes"][number]): Promise<void> {
    const id = await mailboxes.of(name);
    if (member.size === 0) return;
    const before = this.done;
    const file = new File([await this.contents.zip.content(member)], `${name}.mbox`);
    const run = new ImportRun([file], mailboxes.account, { id, name }, () => (this.done = before + run.read), true);
    this.#import = run;
    await run.go();
    this.#import = null;
    this.messages += run.imported;
    this.there += run.there;
    for (const fault of run.faults) this.#fault(name, fault);
    this.faultCount += run.faultCount - run.faults.length;
    if (run.state === "stopped") this.#stop.signal.throwIfAborted();
    if (run.state === "away") throw new Error("the mail is away");
  }

  async #collection(collection: Contents["collections"][number]): Promise<void> {
    const filled = await putCollection(this.contents.zip, this.me, collection);
    this.items += filled.new;
    this.there += filled.there;
    for (const fault of filled.faults) this.#fault(collection.displayName || collection.name, fault);
    this.faultCount += filled.faultCount - filled.faults.length;
  }

  #set(outcome: "sent" | "there" | "kept"): void {
    if (outcome === "sent") this.settings++;
    else if (outcome === "there") this.there++;
    else this.kept++;
  }

  #fault(label: string, why: string): void {
    this.faultCount++;
    if (this.faults.length < MOST_LISTED) this.faults.push(`${label}: ${why}`);
  }
}
