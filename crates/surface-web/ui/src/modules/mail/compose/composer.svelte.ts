// What is being written. One message at a time is open; it is a draft on the store from the first words on, and stays when one goes to
// another part of the office.

import { i18n, t } from "../../../lib/i18n.svelte";
import { jmap } from "../../../lib/jmap/office";
import type { Address, BodyPart, Email, GetAnswer, Id } from "../../../lib/jmap/types";
import { toasts } from "../../../lib/toasts.svelte";
import type { Draft } from "./draft.svelte";

/** What a message begins with. */
export interface Beginning {
  to?: Address[];
  cc?: Address[];
  bcc?: Address[];
  subject?: string;
  /** HTML, not cleaned yet. */
  html?: string;
  attachments?: BodyPart[];
  inReplyTo?: string[] | null;
  references?: string[] | null;
  /** The message that is answered or forwarded, and the keyword that it gets. */
  of?: { id: Id; keyword: "$answered" | "$forwarded" };
  /** As whom it was begun. */
  from?: Address[];
  /** The draft that it goes on with. */
  draft?: Id;
}

const PROPERTIES = [
  "id", "blobId", "threadId", "mailboxIds", "keywords", "from", "to", "cc", "bcc", "replyTo", "subject", "sentAt", "receivedAt", "messageId",
  "inReplyTo", "references", "textBody", "htmlBody", "attachments", "bodyValues",
];

class Composer {
  draft = $state.raw<Draft | null>(null);

  async start(beginning: Beginning = {}, account?: Id): Promise<void> {
    try {
      const [{ Draft }, session] = await Promise.all([import("./draft.svelte"), jmap.session()]);
      // What was being written is kept before something else is; where it cannot be, it stays open and asks.
      if (this.draft && !(await this.draft.leave())) return;
      const own = account && !session.accounts[account]?.isReadOnly ? account : undefined;
      this.draft = new Draft(own ?? (await import("../post.svelte")).post.primary, beginning);
      await this.draft.begin();
    } catch {
      toasts.show(t("mail-refused"), { kind: "failed" });
    }
  }

  /** Closes this one, unless another is open by now. */
  close(draft: Draft): void {
    if (this.draft === draft) this.draft = null;
  }

  /** Goes on with a draft of the store. */
  async edit(account: Id, id: Id): Promise<void> {
    const email = await this.#load(account, id);
    if (!email) return;
    const [{ htmlOf }, { partsOf }] = await Promise.all([import("./quote"), import("./parts")]);
    await this.start(
      {
        to: email.to ?? [], cc: email.cc ?? [], bcc: email.bcc ?? [], subject: email.subject ?? "", html: htmlOf(email), attachments: partsOf(email),
        from: email.from ?? [], inReplyTo: email.inReplyTo, references: email.references, draft: id,
      },
      account,
    );
  }

  async replyTo(account: Id, id: Id, all: boolean): Promise<void> {
    const email = await this.#load(account, id);
    if (email) await this.reply(account, email, all);
  }

  async forwardOf(account: Id, id: Id): Promise<void> {
    const email = await this.#load(account, id);
    if (email) await this.forward(account, email);
  }

  async reply(account: Id, email: Email, all: boolean): Promise<void> {
    const [{ answerSubject, chain, quoted, recipients }, { identities }, { partsOf, shownIn }] = await Promise.all([
      import("./quote"), import("./identities"), import("./parts"),
    ]);
    const own = (await identities(account)).map((it) => ({ name: it.name, email: it.email }));
    const html = quoted(email, t("mail-quote-line", { date: day(email), name: email.from?.[0]?.name ?? email.from?.[0]?.email ?? "" }));
    await this.start(
      {
        ...recipients(email, own, all), subject: answerSubject(email.subject, "Re"), html, ...chain(email),
        // The pictures of the quote go with it.
        attachments: shownIn(html, partsOf(email)),
        of: { id: email.id, keyword: "$answered" },
      },
      account,
    );
  }

  async forward(account: Id, email: Email): Promise<void> {
    const [{ answerSubject, quoted }, { partsOf }] = await Promise.all([import("./quote"), import("./parts")]);
    const html = quoted(email, t("mail-forward-line", { date: day(email), name: email.from?.[0]?.name ?? email.from?.[0]?.email ?? "" }));
    const attachments = partsOf(email);
    await this.start({ subject: answerSubject(email.subject, "Fwd"), html, attachments, of: { id: email.id, keyword: "$forwarded" } }, account);
  }

  async #load(account: Id, id: Id): Promise<Email | undefined> {
    try {
      const { list } = await jmap.call<GetAnswer<Email>>("Email/get", {
        accountId: account, ids: [id], properties: PROPERTIES, fetchTextBodyValues: true, fetchHTMLBodyValues: true,
      });
      return list[0];
    } catch {
      toasts.show(t("mail-message-failed"), { kind: "failed" });
      return undefined;
    }
  }
}

function day(email: Email): string {
  const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long", timeStyle: "short" });
  return format.format(new Date(email.sentAt ?? email.receivedAt));
}

export const composer = new Composer();
