// What goes out as mbox and what comes in from files: begun from the list, and under way whatever is shown meanwhile.

import { t } from "../../../lib/i18n.svelte";
import { jmap } from "../../../lib/jmap/office";
import type { Email, GetAnswer, Id, Mailbox } from "../../../lib/jmap/types";
import { toasts } from "../../../lib/toasts.svelte";
import { nameOfMailbox } from "../format";
import { post } from "../post.svelte";
import type { ImportRun } from "./importing.svelte";

/** Of a selection, in messages and in octets: it is put together in the browser. A whole mailbox comes from the gateway in one stream. */
const MOST = 500;
const MOST_OCTETS = 100_000_000;

class Archive {
  run = $state.raw<ImportRun | null>(null);

  /** Puts messages of files into a mailbox. One import at a time is under way. */
  async take(files: readonly File[], account: Id, mailbox: Mailbox, changed: () => void): Promise<void> {
    if (files.length === 0 || this.run?.state === "running") return;
    const { ImportRun: Run } = await import("./importing.svelte");
    this.run = new Run(files, account, { id: mailbox.id, name: nameOfMailbox(mailbox) }, changed);
    await this.run.go();
  }

  close(): void {
    this.run = null;
  }

  /** A mailbox as one file. */
  mailbox(account: Id, mailbox: Mailbox): void {
    const owner = account === post.primary ? "" : (post.owner(account)?.account.name ?? "");
    save(`/api/mbox?${new URLSearchParams({ owner, mailbox: post.path(account, mailbox) })}`, `${nameOfMailbox(mailbox)}.mbox`);
  }

  /** These messages as one file. */
  async selection(account: Id, ids: ReadonlySet<Id>): Promise<void> {
    try {
      if (ids.size > MOST) return void toasts.show(t("mail-export-many"), { kind: "failed" });
      const { list } = await jmap.call<GetAnswer<Email>>("Email/get", { accountId: account, ids: [...ids], properties: ["id", "blobId", "size", "keywords", "receivedAt"] });
      // An archive that leaves out what was chosen would be taken for whole.
      const found = new Set(list.map((it) => it.id));
      if ([...ids].some((it) => !found.has(it))) return void toasts.show(t("mail-export-gone"), { kind: "failed" });
      if (list.reduce((sum, it) => sum + it.size, 0) > MOST_OCTETS) return void toasts.show(t("mail-export-many"), { kind: "failed" });
      const { written } = await import("./mbox");
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for (const email of list.sort((a, b) => a.receivedAt.localeCompare(b.receivedAt))) {
        const response = await fetch(jmap.download(account, email.blobId, "message.eml", "message/rfc822"), { credentials: "same-origin" });
        if (!response.ok) throw new Error(`${response.status} for a message`);
        parts.push(written(new Uint8Array(await response.arrayBuffer()), email));
      }
      const address = URL.createObjectURL(new Blob(parts, { type: "application/mbox" }));
      save(address, "messages.mbox");
      setTimeout(() => URL.revokeObjectURL(address), KEPT);
    } catch {
      toasts.show(t("mail-export-failed"), { kind: "failed" });
    }
  }
}

/** How long a browser may take to begin with a file, in milliseconds. */
const KEPT = 60_000;

/** As a file, without leaving the page whatever is answered. */
function save(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

export const archive = new Archive();
