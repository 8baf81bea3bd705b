// Whether the gateway can be reached, and whether it still knows who this is. All that asks it tells here.

import { untrack } from "svelte";

class Connection {
  /** No answer comes: what is shown stays. */
  offline = $state(!navigator.onLine);
  /** The session has ended: what is typed stays, until one has signed on again. */
  ended = $state(false);
  /** It has not ended, and is too old for what was asked: where one signs on once more. */
  again = $state("");
  #waiting: (() => void)[] = [];

  constructor() {
    addEventListener("online", () => (this.offline = false));
    addEventListener("offline", () => (this.offline = true));
  }

  reached(): void {
    this.offline = false;
  }

  lost(): void {
    this.offline = true;
  }

  /** Says that the session has ended, or where one signs on once more, and is done when there is a new one. */
  signedOn(again = ""): Promise<void> {
    // What is asked for meanwhile waits with the rest, and knows no better place.
    if (!this.ended) this.again = again;
    this.ended = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Is done as soon as there is a session. Who asks within an effect is not told again when it ends: a form that was filled stays. */
  async held(): Promise<void> {
    if (untrack(() => this.ended)) await this.signedOn();
  }

  /** There is a session of the same person again: who waited goes on. */
  resume(): void {
    this.ended = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}

export const connection = new Connection();
