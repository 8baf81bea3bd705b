// The message that a task was made of, found again by its identifier wherever it lies by now.

import { MAIL } from "../../lib/jmap/client";
import { jmap } from "../../lib/jmap/office";
import type { Email, GetAnswer, QueryAnswer } from "../../lib/jmap/types";
import { t } from "../../lib/i18n.svelte";
import { href, router } from "../../lib/router.svelte";
import { toasts } from "../../lib/toasts.svelte";
import { problem } from "./problem";

export async function openMessage(identifier: string): Promise<void> {
  try {
    const { accounts, primaryAccounts } = await jmap.session();
    const primary = primaryAccounts[MAIL];
    const all = Object.keys(accounts).filter((it) => accounts[it]?.accountCapabilities[MAIL]);
    all.sort((a, b) => Number(b === primary) - Number(a === primary));
    for (const accountId of all) {
      const query = jmap.call<QueryAnswer>("Email/query", { accountId, filter: { header: ["Message-ID", identifier] }, limit: 1 });
      const get = jmap.call<GetAnswer<Email>>("Email/get", { accountId, "#ids": jmap.from(query, "/ids"), properties: ["id", "mailboxIds"] });
      const [, { list }] = await Promise.all([query, get]);
      const [email] = list;
      const [mailbox] = Object.keys(email?.mailboxIds ?? {});
      if (email && mailbox) return router.go(href(["mail", accountId, mailbox, email.id]));
    }
    toasts.show(t("tasks-message-gone"), { kind: "failed" });
  } catch (error) {
    toasts.show(problem(error), { kind: "failed" });
  }
}
