// What was removed and can still be had back: for ten seconds it is only hidden here.

import { address, isSame, remove, type Place } from "../../lib/dav/files";

/** For how long, in milliseconds. */
const PATIENCE = 10_000;

interface Removal {
  place: Place;
  isFolder: boolean;
}

class Removals {
  #waiting = $state.raw<readonly Removal[]>([]);

  constructor() {
    // Who leaves has decided.
    addEventListener("pagehide", () => {
      for (const { place, isFolder } of this.#waiting) {
        void fetch(address(place, isFolder), { method: "DELETE", keepalive: true, credentials: "same-origin" });
      }
      this.#waiting = [];
    });
  }

  isHidden(place: Place): boolean {
    return this.#waiting.some((it) => isSame(it.place, place));
  }

  /** Hides them, and removes them later; what comes back takes that back. `failed` hears of what could not be removed. */
  begin(removals: readonly Removal[], failed: (error: unknown) => void): () => void {
    this.#waiting = [...this.#waiting, ...removals];
    const show = () => (this.#waiting = this.#waiting.filter((it) => !removals.includes(it)));
    const timer = setTimeout(() => void finish(), PATIENCE);
    const finish = async () => {
      for (const { place, isFolder } of removals) await remove(place, isFolder).catch(failed);
      show();
    };
    return () => {
      clearTimeout(timer);
      show();
    };
  }
}

export const removals = new Removals();
