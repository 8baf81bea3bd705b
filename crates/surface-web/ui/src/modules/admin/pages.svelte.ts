// A list that comes page by page, and begins again with each question.

import { api } from "../../lib/api/client";
import { problem } from "./problem";

export class Pages<T> {
  items = $state.raw<readonly T[]>([]);
  /** Whether the first page has come. */
  loaded = $state(false);
  busy = $state(false);
  failed = $state("");
  #path: string;
  #member: string;
  #question: Record<string, string> = {};
  #next = $state.raw<string | null>(null);
  #asking: AbortController | undefined;

  /** `member` is the name that the items have in the answer. */
  constructor(path: string, member: string) {
    this.#path = path;
    this.#member = member;
  }

  get more(): boolean {
    return this.#next !== null;
  }

  /** Asks anew, and leaves what is shown until the answer comes. */
  async ask(question: Record<string, string>): Promise<void> {
    this.#question = question;
    await this.#fetch({}, []);
  }

  async goOn(): Promise<void> {
    if (this.#next !== null) await this.#fetch({ cursor: this.#next }, this.items);
  }

  async #fetch(place: Record<string, string>, before: readonly T[]): Promise<void> {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.busy = true;
    this.failed = "";
    try {
      const query = new URLSearchParams({ ...this.#question, ...place });
      const answer = await api.get<Record<string, T[]> & { next: string | null }>(`${this.#path}?${query}`, asking.signal);
      this.items = [...before, ...(answer[this.#member] ?? [])];
      this.#next = answer.next;
      this.loaded = true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.failed = problem(error);
    } finally {
      if (this.#asking === asking) this.busy = false;
    }
  }
}
