// A list of messages, or of conversations: of a mailbox, or what a search has found. Only the pages that were in sight are known, by
// their positions; whatever the list's length, one request fetches a page, and one fetches what changed of what is in sight.

import { SvelteMap } from "svelte/reactivity";
import { jmap } from "../../lib/jmap/office";
import type { Email, GetAnswer, Id, QueryAnswer } from "../../lib/jmap/types";
import type { Filter } from "./search";
import { changed, Threads, type Member } from "./threads.svelte";

const PAGE = 50;
/** More messages are not kept: what was seen longest ago is asked for again. */
const MOST_KEPT = 3000;
/** How long rows rest in sight before their conversations are asked for, in milliseconds. */
const REST = 150;
/** What a row shows. */
export const ROW = ["id", "threadId", "mailboxIds", "keywords", "from", "to", "subject", "preview", "receivedAt", "hasAttachment", "size"];

/** What a row stands for, whichever of its messages is the newest: a message's id, or that of its conversation. */
export type Key = string;

/** A list of conversations. */
export interface Grouped {
  /** Whose messages a row's actions are meant for. */
  mailbox: Id;
  /** Whether a row tells of messages that lie there: not of drafts and of what is thrown away. */
  tells: (mailbox: Id) => boolean;
  /** Whether the server is to count them all. Of many that would be as much work as to show them. */
  counts: boolean;
}

export class MessageList {
  /** -1 until it is known. Of conversations that are not counted, as many as are known, and a page more where there are more. */
  total = $state(-1);
  failed = $state(false);
  /** Whether there are no more than `total`. */
  isWhole = $state(true);
  /** Grows with each change of the order. */
  #ids = $state.raw<readonly (Id | undefined)[]>([]);
  readonly #emails = new SvelteMap<Id, Email>();
  readonly #threads: Threads | null;
  #asked = new Set<number>();
  #sight = { from: 0, to: PAGE };
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly account: Id,
    readonly filter: Filter | null,
    readonly grouped: Grouped | null = null,
  ) {
    this.#threads = grouped ? new Threads(account) : null;
  }

  id(index: number): Id | undefined {
    return this.#ids[index];
  }

  at(index: number): Email | undefined {
    const id = this.#ids[index];
    return id === undefined ? undefined : this.#emails.get(id);
  }

  get(id: Id): Member | undefined {
    return this.#emails.get(id) ?? this.#threads?.member(id);
  }

  /** Of a message the row that stands for it. */
  indexOf(id: Id): number {
    const index = this.#ids.indexOf(id);
    if (index >= 0 || !this.#threads) return index;
    const key = this.keyOf(id);
    return this.#ids.findIndex((it) => it !== undefined && this.keyOf(it) === key);
  }

  key(index: number): Key | undefined {
    const id = this.#ids[index];
    return id === undefined ? undefined : this.keyOf(id);
  }

  keyOf(id: Id): Key {
    return (this.#threads && this.get(id)?.threadId) || id;
  }

  /** What a row tells of its conversation; nothing where it is a message alone, or not known yet. */
  conversation(index: number): readonly Member[] {
    const { at, all } = this.#of(index);
    return all.filter((it) => it.id === at?.id || Object.keys(it.mailboxIds).some((id) => this.grouped?.tells(id) || id === this.grouped?.mailbox));
  }

  #of(index: number): { at: Email | undefined; all: readonly Member[] } {
    const at = this.at(index);
    return { at, all: (at && this.#threads?.get(at.threadId)) ?? [] };
  }

  /** The messages that an action on these rows is meant for: of a conversation all that lie in this mailbox. */
  async meant(keys: ReadonlySet<Key>): Promise<Set<Id>> {
    const { grouped } = this;
    if (!grouped || !this.#threads) return new Set(keys);
    // Whichever is not known yet, or may have changed, is asked for before anything is done to it: what is moved has another id.
    const rows = this.#ids.filter((id) => id !== undefined && keys.has(this.keyOf(id)));
    const threads = rows.flatMap((id) => this.#emails.get(id as Id)?.threadId ?? []);
    await this.#threads.need(threads);
    const members = threads.flatMap((it) => this.#threads?.get(it) ?? []).filter((it) => it.mailboxIds[grouped.mailbox]);
    const alone = [...keys].filter((key) => this.#emails.has(key));
    return new Set([...(rows as Id[]), ...members.map((it) => it.id), ...alone]);
  }

  /** Fetches what is not known of these rows. */
  need(from: number, to: number): void {
    this.#sight = { from, to };
    const last = Math.floor(Math.max(from, to - 1) / PAGE);
    for (let page = Math.floor(from / PAGE); page <= last; page++) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      void this.#fetch(page, this.#round);
    }
    this.#needThreads();
  }

  /** Once one rests, what belongs to the rows in sight. A row without it is still the message that it shows. */
  #needThreads(): void {
    if (!this.#threads) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { from, to } = this.#sight;
      const threads = this.#ids.slice(from, to).flatMap((id) => (id === undefined ? [] : (this.#emails.get(id)?.threadId ?? [])));
      this.#threads?.need(threads).catch(() => undefined);
    }, REST);
  }

  /** Asks again for what is in sight; what is shown stays until the answer is there. */
  refresh(): void {
    this.#round++;
    this.#asked.clear();
    this.#threads?.doubt();
    const { from, to } = this.#sight;
    this.need(from, Math.max(to, from + 1));
  }

  /** Shows a change before the server has said that it is one. */
  change(ids: ReadonlySet<Id>, keywords: Record<string, boolean>): void {
    for (const id of ids) {
      const email = this.#emails.get(id);
      if (email) this.#emails.set(id, { ...email, keywords: changed(email.keywords, keywords) });
    }
    this.#threads?.change(ids, keywords);
  }

  /** Takes rows out before the server has said that they are gone. */
  remove(ids: ReadonlySet<Id>): void {
    const left = this.#ids.filter((id) => id === undefined || !ids.has(id));
    this.total = Math.max(0, this.total - (this.#ids.length - left.length));
    this.#ids = left;
  }

  async #fetch(page: number, round: number): Promise<void> {
    const query = jmap.call<QueryAnswer>("Email/query", {
      accountId: this.account, filter: this.filter, sort: [{ property: "receivedAt", isAscending: false }],
      position: page * PAGE, limit: PAGE, calculateTotal: this.grouped?.counts ?? true, collapseThreads: this.grouped !== null,
    });
    const get = jmap.call<GetAnswer<Email>>("Email/get", {
      accountId: this.account, "#ids": jmap.from(query, "/ids"), properties: ROW,
    });
    try {
      const [found, got] = await Promise.all([query, get]);
      if (round !== this.#round) return;
      this.#take(found, got.list);
      this.failed = false;
      this.#needThreads();
    } catch {
      this.#asked.delete(page);
      if (round === this.#round) this.failed = true;
    }
  }

  #take(found: QueryAnswer, list: Email[]): void {
    const known = found.position + found.ids.length;
    const isFull = found.ids.length === PAGE;
    const total = found.total ?? (isFull ? Math.max(known + PAGE, this.total) : known);
    // Whoever is beyond the end of what is not counted comes back to it.
    this.isWhole = found.total !== undefined || !isFull || (this.isWhole && total === this.total);
    for (const email of list) this.#emails.set(email.id, email);
    const ids = this.#ids.length === total ? [...this.#ids] : Array.from({ length: total }, (_, at) => this.#ids[at]);
    // A row that has moved into this page stands nowhere else.
    const here = new Set(found.ids);
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at];
      if (id !== undefined && here.has(id)) ids[at] = undefined;
    }
    for (const [at, id] of found.ids.entries()) ids[found.position + at] = id;
    this.#ids = ids;
    this.total = total;
    this.#prune();
  }

  #prune(): void {
    if (this.#emails.size <= MOST_KEPT) return;
    const near = new Set(this.#ids.slice(Math.max(0, this.#sight.from - MOST_KEPT / 4), this.#sight.to + MOST_KEPT / 4));
    for (const id of this.#emails.keys()) if (!near.has(id)) this.#emails.delete(id);
    this.#threads?.prune(new Set([...this.#emails.values()].map((it) => it.threadId)));
    this.#asked = new Set([...this.#asked].filter((page) => Math.abs(page * PAGE - this.#sight.from) < MOST_KEPT / 4));
  }
}
