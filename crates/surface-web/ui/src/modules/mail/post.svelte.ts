// The post office: accounts with their mailboxes, and what is done to messages. What is done shows at once, can be undone for ten
// seconds, and comes back when the store refuses it.

import { t } from "../../lib/i18n.svelte";
import { JmapError, MAIL } from "../../lib/jmap/client";
import { events, jmap } from "../../lib/jmap/office";
import type { Account, GetAnswer, Id, Mailbox, Role, SetAnswer } from "../../lib/jmap/types";
import { toasts } from "../../lib/toasts.svelte";
import { unread } from "../../lib/unread.svelte";
import type { Key, MessageList } from "./list.svelte";

/** How long several changes are waited for before one question is asked, in milliseconds. */
const CALM = 250;

/** The names of mailboxes that are made here, and by which they are known where a store does not tell what they are for. */
const NAMES: Partial<Record<Role, string>> = { archive: "Archive", drafts: "Drafts", sent: "Sent", trash: "Trash", junk: "Junk" };

export interface Owner {
  id: Id;
  account: Account;
  mailboxes: readonly Mailbox[];
  /** Its store does not answer: what is shown of it is what was known. */
  away: boolean;
}

class Post {
  /** The own account first, then those of others. */
  owners = $state.raw<readonly Owner[]>([]);
  failed = $state(false);
  loaded = $state(false);
  primary = $state<Id>("");
  /** Messages that are to be gone for good, until one has said whether. */
  doomed = $state.raw<{ count: number; answer: (is: boolean) => void } | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  async load(): Promise<void> {
    try {
      const session = await jmap.session();
      this.primary = session.primaryAccounts[MAIL] ?? "";
      const ids = Object.keys(session.accounts).filter((id) => session.accounts[id]?.accountCapabilities[MAIL]);
      ids.sort((a, b) => Number(b === this.primary) - Number(a === this.primary));
      const asked = ids.map((accountId) => jmap.call<GetAnswer<Mailbox>>("Mailbox/get", { accountId, ids: null }));
      const got = await Promise.allSettled(asked);
      // Somebody else's store that is down keeps nobody from their own.
      const own = got[0];
      if (own?.status === "rejected") throw own.reason;
      this.owners = ids.flatMap((id, at) => {
        const [account, answer] = [session.accounts[id], got[at]];
        const before = this.owners.find((it) => it.id === id)?.mailboxes ?? [];
        const away = answer?.status !== "fulfilled";
        return account ? [{ id, account, mailboxes: away ? before : withRoles(answer.value.list), away }] : [];
      });
      unread.count = this.withRole(this.primary, "inbox")?.unreadEmails ?? 0;
      this.failed = false;
      this.loaded = true;
    } catch {
      this.failed = true;
    }
  }

  /** Keeps mailboxes as they are on the server; calls back for messages, until what comes back is called. */
  watch(changed: (account: Id) => void): () => void {
    const waiting = new Set<Id>();
    let isOver = false;
    const stop = events.listen((account, types) => {
      if (types.has("Email") || types.has("Mailbox")) waiting.add(account);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        void this.load();
        // Whoever has gone meanwhile shows nothing any more.
        if (!isOver) for (const one of waiting) changed(one);
        waiting.clear();
      }, CALM);
    });
    return () => {
      isOver = true;
      stop();
    };
  }

  owner(account: Id): Owner | undefined {
    return this.owners.find((it) => it.id === account);
  }

  mailbox(account: Id, id: Id): Mailbox | undefined {
    return this.owner(account)?.mailboxes.find((it) => it.id === id);
  }

  /** All names from the top, as the store has them, with `/` between the levels. */
  path(account: Id, mailbox: Mailbox): string {
    const above = mailbox.parentId === null ? undefined : this.mailbox(account, mailbox.parentId);
    return above ? `${this.path(account, above)}/${mailbox.name}` : mailbox.name;
  }

  withRole(account: Id, role: Role): Mailbox | undefined {
    return this.owner(account)?.mailboxes.find((it) => it.role === role);
  }

  /** Does something to the messages of these rows, once it is known which they are. */
  async act(list: MessageList, keys: ReadonlySet<Key>, action: (ids: ReadonlySet<Id>) => Promise<void>): Promise<void> {
    const ids = await list.meant(keys).catch(() => null);
    if (ids === null) return this.#refused(list);
    if (ids.size > 0) await action(ids);
  }

  /** Sets or takes away a keyword. */
  async mark(list: MessageList, ids: ReadonlySet<Id>, keyword: string, is: boolean): Promise<void> {
    list.change(ids, { [keyword]: is });
    const update = Object.fromEntries([...ids].map((id) => [id, { [`keywords/${keyword}`]: is ? true : null }]));
    await this.#set(list, update);
    void this.load();
  }

  /** Moves messages, and says so for as long as they can be moved back. */
  async move(list: MessageList, ids: ReadonlySet<Id>, to: Mailbox, done: string): Promise<void> {
    const from = new Map([...ids].map((id) => [id, list.get(id)?.mailboxIds ?? {}]));
    list.remove(ids);
    const update = Object.fromEntries([...ids].map((id) => [id, { mailboxIds: { [to.id]: true } }]));
    const answer = await this.#set(list, update);
    if (!answer) return;
    // A message that is moved has another id (docs/JMAP.md).
    const back = Object.entries(answer.updated ?? {}).map(([id, told]) => {
      return [String(told?.["id"] ?? id), { mailboxIds: from.get(id) ?? {} }] as const;
    });
    const undo = async () => {
      await this.#set(list, Object.fromEntries(back));
      list.refresh();
      void this.load();
    };
    toasts.show(done, { undo });
    list.refresh();
    void this.load();
  }

  async archive(list: MessageList, ids: ReadonlySet<Id>): Promise<void> {
    const archive = this.withRole(list.account, "archive") ?? (await this.make(list.account, "archive"));
    if (archive) await this.move(list, ids, archive, t("mail-archived", { count: ids.size }));
  }

  /** Asks before what lies in the trash is gone for good, since nothing brings it back. All else needs no word. */
  sure(list: MessageList, ids: ReadonlySet<Id>): Promise<boolean> {
    if (!this.#areInTrash(list, ids)) return Promise.resolve(true);
    this.doomed?.answer(false);
    return new Promise((resolve) => {
      const answer = (is: boolean) => {
        this.doomed = null;
        resolve(is);
      };
      this.doomed = { count: ids.size, answer };
    });
  }

  /** To the trash; what lies there already is gone for good: whoever calls this has asked (`sure`). */
  async remove(list: MessageList, ids: ReadonlySet<Id>): Promise<void> {
    const isForGood = this.#areInTrash(list, ids);
    const trash = this.withRole(list.account, "trash") ?? (await this.make(list.account, "trash"));
    if (!trash) return;
    if (!isForGood) return this.move(list, ids, trash, t("mail-deleted", { count: ids.size }));
    list.remove(ids);
    try {
      const { notDestroyed } = await this.destroy(list.account, [...ids]);
      const kept = Object.keys(notDestroyed ?? {}).length;
      if (kept > 0) toasts.show(t(kept < ids.size ? "mail-some-kept" : "mail-refused"), { kind: "failed" });
    } catch {
      toasts.show(t("mail-refused"), { kind: "failed" });
    }
    // What is there still comes back.
    list.refresh();
    void this.load();
  }

  #areInTrash(list: MessageList, ids: ReadonlySet<Id>): boolean {
    const trash = this.withRole(list.account, "trash")?.id;
    return trash !== undefined && ids.size > 0 && [...ids].every((id) => list.get(id)?.mailboxIds[trash] === true);
  }

  async junk(list: MessageList, ids: ReadonlySet<Id>): Promise<void> {
    const junk = this.withRole(list.account, "junk") ?? (await this.make(list.account, "junk"));
    if (junk) await this.move(list, ids, junk, t("mail-junked", { count: ids.size }));
  }

  destroy(account: Id, ids: Id[]): Promise<SetAnswer> {
    return jmap.call<SetAnswer>("Email/set", { accountId: account, destroy: ids });
  }

  async #set(list: MessageList, update: Record<Id, unknown>): Promise<SetAnswer | null> {
    try {
      const answer = await jmap.call<SetAnswer>("Email/set", { accountId: list.account, update });
      if (Object.keys(answer.notUpdated ?? {}).length > 0) this.#refused(list);
      return answer;
    } catch (error) {
      if (!(error instanceof JmapError)) throw error;
      this.#refused(list);
      return null;
    }
  }

  #refused(list: MessageList): void {
    toasts.show(t("mail-refused"), { kind: "failed" });
    list.refresh();
  }

  /** Makes the mailbox that has a role. */
  async make(account: Id, role: Role): Promise<Mailbox | undefined> {
    const ask = (facts: Partial<Mailbox>) => {
      const create = { made: { name: NAMES[role], parentId: null, isSubscribed: true, ...facts } };
      return jmap.call<SetAnswer>("Mailbox/set", { accountId: account, create }).catch(() => null);
    };
    // Some stores cannot be told what a new mailbox is for: its name says it then.
    let made = (await ask({ role }))?.created?.["made"]?.id;
    made ??= (await ask({}))?.created?.["made"]?.id;
    await this.load();
    if (!made) toasts.show(t("mail-refused"), { kind: "failed" });
    return made ? this.mailbox(account, made) : undefined;
  }
}

function withRoles(list: Mailbox[]): Mailbox[] {
  const free = Object.entries(NAMES).filter(([role]) => !list.some((it) => it.role === role)) as [Role, string][];
  return list.map((it) => {
    const isTop = it.role === null && it.parentId === null;
    const found = isTop ? free.find(([, name]) => name.toLowerCase() === it.name.toLowerCase()) : undefined;
    return found ? { ...it, role: found[0] } : it;
  });
}

export const post = new Post();
