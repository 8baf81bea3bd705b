// A message that is being written. Every few seconds it is put on the store anew, since a message there does not change; the older copy is
// destroyed once the new one is there. Nothing that was typed is lost when the store is away: it stays here, says so, and is tried again.

import { i18n, t } from "../../../lib/i18n.svelte";
import { JmapError } from "../../../lib/jmap/client";
import { jmap } from "../../../lib/jmap/office";
import type { Address, Email, GetAnswer, Id, Identity, Mailbox, SetAnswer, SetError } from "../../../lib/jmap/types";
import { preferences } from "../../../lib/preferences.svelte";
import { toasts } from "../../../lib/toasts.svelte";
import { post } from "../post.svelte";
import { sameAddress } from "./addresses";
import type { Beginning } from "./composer.svelte";
import { composer } from "./composer.svelte";
import { identities } from "./identities";
import { contentId, matched, shownIn } from "./parts";
import { htmlOfText } from "./quote";
import { forgetRecent } from "./suggest";
import { forStore, named, textOf } from "./text";

/** How long one types on before it is kept, in milliseconds; after a failure it is tried again this much later. */
const CALM = 3_000;
const AGAIN = 10_000;

/** Those that are sent as soon as they can no longer be taken back, whatever else is open by then. */
const pending = new Set<Draft>();
addEventListener("beforeunload", (event) => {
  if (pending.size > 0) event.preventDefault();
});

export interface Attached {
  key: number;
  name: string;
  type: string;
  size: number;
  blobId: Id | null;
  /** Octets that have arrived. */
  sent: number;
  failed: boolean;
  cid: string | null;
  /** A picture that the text showed: it goes when the writer takes it out there. All others are listed, with a Content-ID or without. */
  shown: boolean;
  abort?: AbortController;
}

export class Draft {
  to = $state<Address[]>([]);
  cc = $state<Address[]>([]);
  bcc = $state<Address[]>([]);
  subject = $state("");
  /** What the editor begins with; what it holds now is asked of it. */
  readonly beginning: string;
  /** Not on the store when it was opened. */
  readonly isNew: boolean;
  attached = $state<Attached[]>([]);
  identities = $state.raw<readonly Identity[]>([]);
  identity = $state("");
  state = $state<"new" | "saving" | "saved" | "failed">("new");
  sending = $state(false);
  problem = $state("");
  /** Hidden while it can be taken back. */
  hidden = $state(false);
  /** The text stands in the editor. Until then nothing is kept or sent, since it would be without its text. */
  ready = $state(false);
  /** It was to be closed while something of it is not kept: the writer is asked. */
  asking = $state(false);
  /** The addresses of pictures within this page, by their Content-ID. */
  readonly pictures = new Map<string, string>();
  html: () => string;

  #inReplyTo: string[] | null;
  #references: string[] | null;
  #of: Beginning["of"];
  #from: Address | undefined;
  #saved: Id | null;
  /** Older copies that are still on the store. */
  #older: Id[] = [];
  /** The copy whose parts the attachments are: blobs go with their message. */
  #holder: Id | null;
  #begun: Promise<void> | null = null;
  /** Closed or discarded: nothing writes it any more. */
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<boolean> | null = null;
  #changed = false;
  #next = 0;

  constructor(
    readonly account: Id,
    beginning: Beginning,
  ) {
    this.to = beginning.to ?? [];
    this.cc = beginning.cc ?? [];
    this.bcc = beginning.bcc ?? [];
    this.subject = beginning.subject ?? "";
    this.beginning = beginning.html ?? "";
    this.html = () => this.beginning;
    this.#inReplyTo = beginning.inReplyTo ?? null;
    this.#references = beginning.references ?? null;
    this.#of = beginning.of;
    this.#saved = this.#holder = beginning.draft ?? null;
    this.isNew = this.#saved === null;
    this.#from = beginning.from?.[0];
    const parts = beginning.attachments ?? [];
    const shown = new Set(shownIn(this.beginning, parts));
    this.attached = parts.map((part) => ({
      key: this.#next++, name: part.name ?? t("mail-attachment"), type: part.type, size: part.size, blobId: part.blobId, sent: part.size,
      failed: false, cid: contentId(part.cid), shown: shown.has(part),
    }));
  }

  /** As whom one writes; a draft stays from whom it was. */
  begin(): Promise<void> {
    this.#begun ??= identities(this.account).then((all) => {
      const from = this.#from;
      const same = from ? all.filter((it) => sameAddress(it, from)) : [];
      this.identities = all;
      this.identity = (same.find((it) => it.name === from?.name) ?? same[0] ?? all[0])?.id ?? "";
    });
    return this.#begun;
  }

  /** The signature, where a new message has one. A draft has it already, or was rid of it. */
  get signature(): string {
    if (!this.isNew) return "";
    const identity = this.identities.find((it) => it.id === this.identity);
    const text = identity?.textSignature.trim();
    return identity?.htmlSignature || (text ? htmlOfText(text) : "");
  }

  /** Something was typed: it is kept soon. */
  touch(): void {
    if (this.#ended) return;
    this.#changed = true;
    this.#soon(CALM);
  }

  #soon(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), wait);
  }

  /** Puts it on the store, and takes what was there before away; whether it is there. */
  async save(): Promise<boolean> {
    clearTimeout(this.#timer);
    while (this.#saving) await this.#saving;
    if (this.#ended) return false;
    if (!this.#changed && this.#saved) return true;
    if (!this.ready) {
      this.#soon(CALM);
      return false;
    }
    this.#changed = false;
    this.state = "saving";
    let is = false;
    try {
      this.#saving = this.#put();
      is = await this.#saving;
    } finally {
      this.#saving = null;
    }
    this.state = is ? "saved" : "failed";
    if (is) this.asking = false;
    else {
      this.#changed = true;
      if (!this.#ended) this.#soon(AGAIN);
    }
    return is;
  }

  /** Another message is begun, or this one is closed; whether it may go. Where something would be lost it stays, and the writer is asked. */
  async leave(): Promise<boolean> {
    // It is sent in a moment: it needs no window for that.
    if (this.hidden) return true;
    if (this.#changed) await this.save();
    if (this.hidden) return true;
    if (this.#changed || this.sending || this.#uploading) {
      this.asking = true;
      return false;
    }
    this.abandon();
    return true;
  }

  /** What is not kept by now is lost. */
  abandon(): void {
    this.#end();
    composer.close(this);
    void post.load();
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const one of this.attached) if (!one.blobId) one.abort?.abort();
    for (const address of this.pictures.values()) URL.revokeObjectURL(address);
  }

  get #uploading(): boolean {
    return this.attached.some((it) => !it.blobId && !it.failed);
  }

  /** Whether closing the window now would lose something. */
  get unkept(): boolean {
    return this.#changed || this.hidden || this.#uploading;
  }

  async discard(): Promise<void> {
    this.#end();
    composer.close(this);
    while (this.#saving) await this.#saving;
    const all = [...this.#older, ...(this.#saved ? [this.#saved] : [])];
    if (all.length > 0) await post.destroy(this.account, all).catch(() => undefined);
    void post.load();
  }

  attach(files: Iterable<File>, cid: string | null = null): Attached[] {
    const made: Attached[] = [];
    for (const file of files) {
      const abort = new AbortController();
      const key = this.#next++;
      const { name, type, size } = file;
      this.attached.push({ key, name, type: type || "application/octet-stream", size, blobId: null, sent: 0, failed: false, cid, shown: cid !== null, abort });
      const one = this.attached.find((it) => it.key === key);
      if (!one) continue;
      made.push(one);
      void jmap.upload(this.account, file, ({ sent }) => (one.sent = sent), abort.signal).then(
        ({ blobId }) => {
          one.blobId = blobId;
          one.sent = one.size;
          this.touch();
        },
        (error: unknown) => {
          one.failed = true;
          if (isFull(error)) this.problem = t("mail-full");
        },
      );
    }
    return made;
  }

  detach(one: Attached): void {
    one.abort?.abort();
    this.problem = "";
    this.attached = this.attached.filter((it) => it.key !== one.key);
    this.touch();
  }

  /** Sends it, after the seconds in which it can be taken back. */
  async send(): Promise<void> {
    if (this.sending || this.hidden || !this.ready || this.#ended) return;
    this.problem = this.#hindrance();
    if (this.problem) return;
    this.sending = true;
    let kept = await this.save();
    // What was typed meanwhile goes too.
    while (kept && this.#changed) kept = await this.save();
    this.sending = false;
    if (this.#ended) return;
    if (!kept) {
      this.problem ||= t("mail-not-sent");
      return;
    }
    this.asking = false;
    this.hidden = true;
    pending.add(this);
    let taken = false;
    const undo = () => {
      taken = true;
      this.#back();
    };
    const toast = toasts.show(t("mail-sending"), { undo, seconds: preferences.undoSeconds + 1 });
    setTimeout(() => {
      if (taken) return;
      toasts.close(toast);
      void this.#submit();
    }, preferences.undoSeconds * 1000);
  }

  /** It is not sent: it shows again, from the store where its window is gone. */
  #back(): void {
    pending.delete(this);
    this.hidden = false;
    if (composer.draft === this) return;
    if (composer.draft === null && this.#saved) void composer.edit(this.account, this.#saved);
    else toasts.show(t("mail-draft-saved"));
    this.#end();
  }

  #hindrance(): string {
    if (this.to.length + this.cc.length + this.bcc.length === 0) return t("mail-nobody-to");
    if (this.#uploading) return t("mail-still-uploading");
    if (this.attached.some((it) => it.failed)) return t("mail-upload-failed");
    return this.identity ? "" : t("mail-no-identity");
  }

  async #submit(): Promise<void> {
    const sent = post.withRole(this.account, "sent");
    const filed = sent ? { mailboxIds: { [sent.id]: true } } : {};
    try {
      const answer = await jmap.call<SetAnswer>("EmailSubmission/set", {
        accountId: this.account,
        create: { sent: { identityId: this.identity, emailId: this.#saved } },
        onSuccessUpdateEmail: { "#sent": { ...filed, "keywords/$draft": null, "keywords/$seen": true } },
      });
      const refused = answer.notCreated?.["sent"];
      if (refused) throw new JmapError(refused.type, refused.description);
    } catch (error) {
      const lost = isLost(error);
      const why = error instanceof JmapError && error.description && !lost ? ` ${error.description}` : "";
      this.problem = t(lost ? "mail-sent-unknown" : "mail-not-sent") + why;
      toasts.show(t(lost ? "mail-sent-unknown" : "mail-not-sent"), { kind: "failed" });
      if (lost && composer.draft !== this) {
        pending.delete(this);
        this.#end();
        return;
      }
      this.#back();
      // It may lie in Sent by now: it is no older copy that the next one replaces.
      if (lost) this.#saved = null;
      return;
    }
    pending.delete(this);
    this.#changed = false;
    this.#end();
    composer.close(this);
    toasts.show(t("mail-sent"), { seconds: 4 });
    forgetRecent();
    const { id, keyword } = this.#of ?? {};
    if (id && keyword) {
      const update = { [id]: { [`keywords/${keyword}`]: true } };
      await jmap.call("Email/set", { accountId: this.account, update }).catch(() => undefined);
    }
    this.#holder = null;
    await this.#sweep();
    void post.load();
  }

  /** Whether it is on the store. Whatever fails, what was there before is there still. */
  async #put(): Promise<boolean> {
    try {
      const drafts = post.withRole(this.account, "drafts") ?? (await post.make(this.account, "drafts"));
      if (!drafts) return false;
      const { email, parts } = this.#email(drafts);
      // Alone: a store destroys in the same call whatever becomes of what is created (RFC 8620 §5.3).
      const answer = await jmap.call<SetAnswer>("Email/set", { accountId: this.account, create: { draft: email } });
      const made = answer.created?.["draft"]?.id;
      if (made && this.problem === t("mail-full")) this.problem = "";
      if (!made) {
        this.#refused(answer.notCreated?.["draft"]);
        return false;
      }
      if (this.#saved) this.#older.push(this.#saved);
      this.#saved = made;
      await this.#follow(made, parts);
      await this.#sweep();
      return true;
    } catch {
      return false;
    }
  }

  /** No room, and a file that is gone from the store, are told. What was kept with it stays there: what is kept from now on is without it. */
  #refused(why: SetError | undefined): void {
    if (why?.type === "overQuota") this.problem = t("mail-full");
    if (why?.type !== "blobNotFound") return;
    const { notFound } = why as SetError & { notFound?: Id[] };
    const gone = this.attached.filter((it) => it.blobId && notFound?.includes(it.blobId));
    for (const one of gone) {
      one.blobId = null;
      one.failed = true;
    }
    this.#saved = this.#holder = null;
    this.#older = [];
    this.problem = t("mail-upload-gone");
  }

  /** The attachments are parts of the new copy from now on; as long as they are not known, the copy that has them is kept. */
  async #follow(made: Id, parts: readonly Attached[]): Promise<void> {
    if (parts.length > 0) {
      const properties = ["id", "attachments"];
      const asked = jmap.call<GetAnswer<Email>>("Email/get", { accountId: this.account, ids: [made], properties });
      const stored = await asked.catch(() => null);
      const found = matched(parts, stored?.list[0]?.attachments ?? []);
      if (!found) return;
      parts.forEach((it, at) => (it.blobId = found[at]?.blobId ?? it.blobId));
    }
    this.#holder = made;
  }

  /** Destroys the older copies; one that cannot be is tried again after the next. */
  async #sweep(): Promise<void> {
    const old = this.#older.filter((it) => it !== this.#holder);
    if (old.length === 0) return;
    const asked = jmap.call<SetAnswer>("Email/set", { accountId: this.account, destroy: old });
    const answer = await asked.catch(() => null);
    if (!answer) return;
    const left = Object.entries(answer.notDestroyed ?? {}).filter(([, why]) => why.type !== "notFound");
    this.#older = this.#older.filter((it) => it === this.#holder || left.some(([id]) => id === it));
  }

  #email(drafts: Mailbox): { email: Partial<Email> & Record<string, unknown>; parts: Attached[] } {
    const identity = this.identities.find((it) => it.id === this.identity);
    const html = forStore(this.html(), this.pictures);
    const cids = named(html);
    const isIn = (it: Attached) => it.shown && it.cid !== null && cids.has(it.cid);
    const parts = this.attached.filter((it) => it.blobId && (!it.shown || isIn(it)));
    const email = {
      mailboxIds: { [drafts.id]: true },
      keywords: { $draft: true, $seen: true },
      from: identity ? [{ name: identity.name, email: identity.email }] : null,
      to: [...this.to], cc: [...this.cc], bcc: [...this.bcc],
      replyTo: identity?.replyTo ?? null,
      subject: this.subject,
      inReplyTo: this.#inReplyTo, references: this.#references,
      textBody: [{ partId: "text", type: "text/plain" }] as Email["textBody"],
      htmlBody: [{ partId: "html", type: "text/html" }] as Email["htmlBody"],
      bodyValues: {
        text: { value: textOf(html), isEncodingProblem: false, isTruncated: false },
        html: { value: `<!DOCTYPE html><html lang="${i18n.language}"><body>${html}</body></html>`, isEncodingProblem: false, isTruncated: false },
      },
      attachments: parts.map((it) => ({
        blobId: it.blobId, type: it.type, name: it.name, disposition: isIn(it) ? "inline" : "attachment", cid: it.cid,
      })) as Email["attachments"],
    };
    return { email, parts };
  }
}

/** Whether the mailbox has no room. */
function isFull(error: unknown): boolean {
  return error instanceof JmapError && error.type === "overQuota";
}

/** Whether an error leaves open what became of the call. */
function isLost(error: unknown): boolean {
  if (!(error instanceof JmapError)) return true;
  return ["offline", "serverUnavailable", "serverPartialFail"].includes(error.type) || error.description.startsWith("no answer");
}
