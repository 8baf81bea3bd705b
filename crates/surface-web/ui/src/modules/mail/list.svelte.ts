// A list of messages: of a mailbox, or what a search has found. Only the pages that were in sight are known, by their positions;
// whatever the list's length, one request fetches a page, and one fetches what changed of what is in sight.

import { SvelteMap } from "svelte/reactivity";
import { jmap } from "../../lib/jmap/office";
import type { Email, GetAnswer, Id, QueryAnswer } from "../../lib/jmap/types";
import type { Filter } from "./search";

const PAGE = 50;
/** More messages are not kept: what was seen longest ago is asked for again. */
const MOST_KEPT = 3000;
/** What a row shows. */
export const ROW = ["id", "threadId", "mailboxIds", "keywords", "from", "to", "subject", "preview", "receivedAt", "hasAttachment", "size"];

export class MessageList {
  /** -1 until it is known. */
  total = $state(-1);
  failed = $state(false);
  /** Grows with each change of the order. */
  #ids = $state.raw<readonly (Id | undefined)[]>([]);
  readonly #emails = new SvelteMap<Id, Email>();
  #asked = new Set<number>();
  #sight = { from: 0, to: PAGE };
  #round = 0;

  constructor(
    readonly account: Id,
    readonly filter: Filter | null,
  ) {}

  id(index: number): Id | undefined {
    return this.#ids[index];
  }

  at(index: number): Email | undefined {
    const id = this.#ids[index];
    return id === undefined ? undefined : this.#emails.get(id);
  }

  get(id: Id): Email | undefined {
    return this.#emails.get(id);
  }

  indexOf(id: Id): number {
    return this.#ids.indexOf(id);
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
  }

  /** Asks again for what is in sight; what is shown stays until the answer is there. */
  refresh(): void {
    this.#round++;
    this.#asked.clear();
    const { from, to } = this.#sight;
    this.need(from, Math.max(to, from + 1));
  }

  /** Shows a change before the server has said that it is one. */
  change(ids: ReadonlySet<Id>, keywords: Record<string, boolean>): void {
    for (const id of ids) {
      const email = this.#emails.get(id);
      if (!email) continue;
      const all = { ...email.keywords, ...keywords };
      this.#emails.set(id, { ...email, keywords: Object.fromEntries(Object.entries(all).filter(([, is]) => is)) });
    }
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
      position: page * PAGE, limit: PAGE, calculateTotal: true,
    });
    const get = jmap.call<GetAnswer<Email>>("Email/get", {
      accountId: this.account, "#ids": jmap.from(query, "/ids"), properties: ROW,
    });
    try {
      const [found, got] = await Promise.all([query, get]);
      if (round !== this.#round) return;
      this.#take(found, got.list);
      this.failed = false;
    } catch {
      this.#asked.delete(page);
      if (round === this.#round) this.failed = true;
    }
  }

  #take(found: QueryAnswer, list: Email[]): void {
    const total = found.total ?? found.position + found.ids.length;
    for (const email of list) this.#emails.set(email.id, email);
    const ids = this.#ids.length === total ? [...this.#ids] : Array.from({ length: total }, (_, at) => this.#ids[at]);
    // A row that has moved into this page stands nowhere else.
    const here = new Set(found.ids);
    for (const [at, id] of ids.entries()) if (id !== undefined && here.has(id)) ids[at] = undefined;
    for (const [at, id] of found.ids.entries()) ids[found.position + at] = id;
    this.#ids = ids;
    this.total = total;
    this.#prune();
  }

  #prune(): void {
    if (this.#emails.size <= MOST_KEPT) return;
    const near = new Set(this.#ids.slice(Math.max(0, this.#sight.from - MOST_KEPT / 4), this.#sight.to + MOST_KEPT / 4));
    for (const id of this.#emails.keys()) if (!near.has(id)) this.#emails.delete(id);
    this.#asked = new Set([...this.#asked].filter((page) => Math.abs(page * PAGE - this.#sight.from) < MOST_KEPT / 4));
  }
}
