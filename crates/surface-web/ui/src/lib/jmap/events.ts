// What the server says of its own accord (RFC 8620 §7.3): that a state has changed. What changed is asked for by `/changes`.

import { connection } from "../connection.svelte";
import type { Jmap } from "./client";
import type { Id, StateChange } from "./types";

/** Hears that these types of an account have changed. */
export type Listener = (account: Id, types: ReadonlySet<string>) => void;

/** How often the server says that there is nothing to say, in seconds. */
const PING = 60;
/** After how many milliseconds a stream that broke is opened again, at first and at most. */
const WAIT = { first: 2_000, longest: 60_000 };

/** All that may have changed while nobody listened. */
const TYPES = ["Email", "Mailbox", "Thread", "Calendar", "CalendarEvent", "TaskList", "Task", "Notebook", "Note", "AddressBook", "ContactCard"];

export class Events {
  #listeners = new Set<Listener>();
  #source: EventSource | null = null;
  #wait = WAIT.first;

  constructor(private readonly jmap: Jmap) {}

  /** Listens until what comes back is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (!this.#source) void this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  async #open(): Promise<void> {
    let address: string;
    try {
      const { eventSourceUrl } = await this.jmap.session();
      address = eventSourceUrl
        .replace("{types}", "*")
        .replace("{closeafter}", "no")
        .replace("{ping}", String(PING))
        .replace(/^https?:\/\/[^/]+/, "");
    } catch {
      return this.#again();
    }
    if (this.#source || this.#listeners.size === 0) return;
    const source = new EventSource(address);
    this.#source = source;
    source.onopen = () => {
      this.#wait = WAIT.first;
      connection.reached();
      // Whatever happened while nobody listened: before the first stream too.
      void this.#tellAll();
    };
    source.addEventListener("state", (event) => {
      const { changed } = JSON.parse(String((event as MessageEvent).data)) as StateChange;
      for (const [account, types] of Object.entries(changed)) this.#tell(account, new Set(Object.keys(types)));
    });
    source.onerror = () => {
      // A stream that was refused is not opened again by the browser.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#close();
      this.#again();
    };
  }

  #again(): void {
    if (this.#listeners.size === 0) return;
    setTimeout(() => void this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, WAIT.longest);
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }

  #tell(account: Id, types: ReadonlySet<string>): void {
    for (const listener of this.#listeners) listener(account, types);
  }

  async #tellAll(): Promise<void> {
    const { accounts } = await this.jmap.session();
    for (const account of Object.keys(accounts)) this.#tell(account, new Set(TYPES));
  }
}
