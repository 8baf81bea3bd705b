// A message that is being written. Every few seconds it is put on the store anew and the older copy is destroyed, since a message there
// does not change. Nothing that was typed is lost when the store is away: it stays here, says so, and is tried again.

import { i18n, t } from "../../../lib/i18n.svelte";
import { JmapError } from "../../../lib/jmap/client";
import { jmap } from "../../../lib/jmap/office";
import type { Address, Email, Id, Identity, Mailbox, SetAnswer } from "../../../lib/jmap/types";
import { preferences } from "../../../lib/preferences.svelte";
import { toasts } from "../../../lib/toasts.svelte";
import { post } from "../post.svelte";
import type { Beginning } from "./composer.svelte";
import { composer } from "./composer.svelte";
import { identities } from "./identities";
import { htmlOfText } from "./quote";
import { forStore, textOf } from "./text";

/** How long one types on before it is kept, in milliseconds; after a failure it is tried again this much later. */
const CALM = 3_000;
const AGAIN = 10_000;

export interface Attached {
  key: number;
  name: string;
  type: string;
  size: number;
  blobId: Id | null;
  /** Octets that have arrived. */
  sent: number;
  failed: boolean;
  /** Of a picture in the text. */
  cid: string | null;
  abort?: AbortController;
}

export class Draft {
  to = $state<Address[]>([]);
  cc = $state<Address[]>([]);
  bcc = $state<Address[]>([]);
  subject = $state("");
  /** What the editor begins with; what it holds now is asked of it. */
  readonly beginning: string;
  attached = $state<Attached[]>([]);
  identities = $state.raw<readonly Identity[]>([]);
  identity = $state("");
  state = $state<"new" | "saving" | "saved" | "failed">("new");
  sending = $state(false);
  problem = $state("");
  /** Hidden while it can be taken back. */
  hidden = $state(false);
  /** The addresses of pictures within this page, by their Content-ID. */
  readonly pictures = new Map<string, string>();
  html: () => string;

  #inReplyTo: string[] | null;
  #references: string[] | null;
  #of: Beginning["of"];
  #saved: Id | null;
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
    this.#saved = beginning.draft ?? null;
    this.attached = (beginning.attachments ?? []).map((part) => ({
      key: this.#next++, name: part.name ?? t("mail-attachment"), type: part.type, size: part.size, blobId: part.blobId, sent: part.size,
      failed: false, cid: part.cid?.replace(/^<|>$/g, "") ?? null,
    }));
  }

  async begin(): Promise<void> {
    this.identities = await identities(this.account);
    this.identity = this.identities[0]?.id ?? "";
  }

  /** The signature, where a new message has one. */
  get signature(): string {
    const identity = this.identities.find((it) => it.id === this.identity);
    const text = identity?.textSignature.trim();
    return identity?.htmlSignature || (text ? htmlOfText(text) : "");
  }

  /** Something was typed: it is kept soon. */
  touch(): void {
    this.#changed = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), CALM);
  }

  /** Puts it on the store, and takes what was there before away; whether it is there. */
  async save(): Promise<boolean> {
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving;
    if (!this.#changed && this.#saved) return true;
    this.#changed = false;
    this.state = "saving";
    this.#saving = this.#put();
    const is = await this.#saving;
    this.#saving = null;
    this.state = is ? "saved" : "failed";
    if (!is) {
      this.#changed = true;
      this.#timer = setTimeout(() => void this.save(), AGAIN);
    }
    return is;
  }

  /** Another message is begun, or this one is closed. */
  async leave(): Promise<void> {
    if (this.#changed) await this.save();
    clearTimeout(this.#timer);
    for (const address of this.pictures.values()) URL.revokeObjectURL(address);
    void post.load();
  }

  /** Whether closing the window now would lose something. */
  get unkept(): boolean {
    return this.#changed || this.hidden || this.attached.some((it) => !it.blobId && !it.failed);
  }

  async discard(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving;
    composer.close();
    const id = this.#saved;
    if (id) await post.destroy(this.account, [id]).catch(() => undefined);
    void post.load();
  }

  attach(files: Iterable<File>, cid: string | null = null): Attached[] {
    const made: Attached[] = [];
    for (const file of files) {
      const abort = new AbortController();
      const key = this.#next++;
      const { name, type, size } = file;
      this.attached.push({ key, name, type: type || "application/octet-stream", size, blobId: null, sent: 0, failed: false, cid, abort });
      const one = this.attached.find((it) => it.key === key);
      if (!one) continue;
      made.push(one);
      void jmap.upload(this.account, file, ({ sent }) => (one.sent = sent), abort.signal).then(
        ({ blobId }) => {
          one.blobId = blobId;
          one.sent = one.size;
          this.touch();
        },
        () => (one.failed = true),
      );
    }
    return made;
  }

  detach(one: Attached): void {
    one.abort?.abort();
    this.attached = this.attached.filter((it) => it.key !== one.key);
    this.touch();
  }

  /** Sends it, after the seconds in which it can be taken back. */
  async send(): Promise<void> {
    this.problem = this.#hindrance();
    if (this.problem) return;
    this.sending = true;
    const kept = await this.save();
    this.sending = false;
    if (!kept) {
      this.problem = t("mail-not-sent");
      return;
    }
    this.hidden = true;
    let taken = false;
    const undo = () => {
      taken = true;
      this.hidden = false;
    };
    const toast = toasts.show(t("mail-sending"), { undo, seconds: preferences.undoSeconds + 1 });
    setTimeout(() => {
      if (taken) return;
      toasts.close(toast);
      void this.#submit();
    }, preferences.undoSeconds * 1000);
  }

  #hindrance(): string {
    if (this.to.length + this.cc.length + this.bcc.length === 0) return t("mail-nobody-to");
    if (this.attached.some((it) => !it.blobId && !it.failed)) return t("mail-still-uploading");
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
      this.hidden = false;
      const why = error instanceof JmapError && error.description ? ` ${error.description}` : "";
      this.problem = t("mail-not-sent") + why;
      toasts.show(t("mail-not-sent"), { kind: "failed" });
      return;
    }
    this.#changed = false;
    composer.close();
    toasts.show(t("mail-sent"), { seconds: 4 });
    const { id, keyword } = this.#of ?? {};
    if (id && keyword) {
      const update = { [id]: { [`keywords/${keyword}`]: true } };
      await jmap.call("Email/set", { accountId: this.account, update }).catch(() => undefined);
    }
    void post.load();
  }

  async #put(): Promise<boolean> {
    const drafts = post.withRole(this.account, "drafts") ?? (await post.make(this.account, "drafts"));
    if (!drafts) return false;
    const before = this.#saved;
    try {
      const args = { accountId: this.account, create: { draft: this.#email(drafts) }, ...(before ? { destroy: [before] } : {}) };
      const answer = await jmap.call<SetAnswer>("Email/set", args);
      const made = answer.created?.["draft"]?.id;
      if (made) this.#saved = made;
      return made !== undefined;
    } catch (error) {
      if (error instanceof JmapError) return false;
      throw error;
    }
  }

  #email(drafts: Mailbox): Partial<Email> & Record<string, unknown> {
    const identity = this.identities.find((it) => it.id === this.identity);
    const html = forStore(this.html(), this.pictures);
    const parts = this.attached.filter((it) => it.blobId).filter((it) => !it.cid || html.includes(`cid:${it.cid}`));
    return {
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
        blobId: it.blobId, type: it.type, name: it.name, disposition: it.cid ? "inline" : "attachment", cid: it.cid,
      })) as Email["attachments"],
    };
  }
}
