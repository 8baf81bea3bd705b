// Which messages the conversations of a list have: what its rows tell beside their newest message, and what an action on a row is meant
// for. A store has to search all of its headers for them, so that only those in sight are asked for.

import { SvelteMap } from "svelte/reactivity";
import { jmap } from "../../lib/jmap/office";
import type { Email, GetAnswer, Id, Thread } from "../../lib/jmap/types";

/** As much of a message as a row of its conversation needs. */
export type Member = Pick<Email, "id" | "threadId" | "mailboxIds" | "keywords" | "from" | "receivedAt">;

const MEMBER: (keyof Member)[] = ["id", "threadId", "mailboxIds", "keywords", "from", "receivedAt"];
/** How many messages one request asks for. */
const AT_ONCE = 500;
/** Of one conversation no more is looked at, in messages. */
const MOST = 2_000;

export class Threads {
  readonly #known = new SvelteMap<Id, readonly Member[]>();
  /** Those that are asked for, or need not be asked for again. */
  #asked = new Map<Id, Promise<void>>();

  constructor(private readonly account: Id) {}

  /** The oldest first; `undefined` while it is not known. */
  get(thread: Id): readonly Member[] | undefined {
    return this.#known.get(thread);
  }

  member(id: Id): Member | undefined {
    for (const all of this.#known.values()) {
      const found = all.find((it) => it.id === id);
      if (found) return found;
    }
    return undefined;
  }

  /** What is known may have changed: it is shown until it is asked for again. */
  doubt(): void {
    this.#asked.clear();
  }

  /** Asks for what is not known of these, or is in doubt; done when all of them are known. */
  async need(threads: readonly Id[]): Promise<void> {
    const wanted = threads.filter((it) => !this.#asked.has(it));
    if (wanted.length > 0) {
      const asking = this.#ask(wanted).catch((error: unknown) => {
        for (const one of wanted) if (this.#asked.get(one) === asking) this.#asked.delete(one);
        throw error;
      });
      for (const one of wanted) this.#asked.set(one, asking);
    }
    await Promise.all(threads.map((it) => this.#asked.get(it)));
  }

  async #ask(wanted: readonly Id[]): Promise<void> {
    const { list } = await jmap.call<GetAnswer<Thread>>("Thread/get", { accountId: this.account, ids: wanted });
    const ids = list.flatMap((it) => it.emailIds.slice(-MOST));
    const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, at) => ids.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
    const asked = parts.map((part) => jmap.call<GetAnswer<Member>>("Email/get", { accountId: this.account, ids: part, properties: MEMBER }));
    const found = new Map((await Promise.all(asked)).flatMap((it) => it.list).map((it) => [it.id, it]));
    for (const { id, emailIds } of list) this.#known.set(id, emailIds.flatMap((it) => found.get(it) ?? []));
  }

  /** Shows a change of keywords before the server has said that it is one. */
  change(ids: ReadonlySet<Id>, keywords: Record<string, boolean>): void {
    for (const [thread, all] of this.#known) {
      if (!all.some((it) => ids.has(it.id))) continue;
      this.#known.set(thread, all.map((it) => (ids.has(it.id) ? { ...it, keywords: changed(it.keywords, keywords) } : it)));
    }
  }

  /** Keeps these only. */
  prune(threads: ReadonlySet<Id>): void {
    for (const thread of this.#known.keys()) {
      if (threads.has(thread)) continue;
      this.#known.delete(thread);
      this.#asked.delete(thread);
    }
  }
}

/** Keywords after a change of some. */
export function changed(keywords: Record<string, boolean>, by: Record<string, boolean>): Record<string, boolean> {
  return Object.fromEntries(Object.entries({ ...keywords, ...by }).filter(([, is]) => is));
}
