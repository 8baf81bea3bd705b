// What was removed and can still be had back: for as long as somebody has chosen it is only hidden here.

import { connection } from "../../lib/connection.svelte";
import { address, conditionOf, isSame, overlap, remove, type Place } from "../../lib/dav/files";
import { preferences } from "../../lib/preferences.svelte";

export interface Removal {
  place: Place;
  isFolder: boolean;
  /** What a file was when it was removed: another one is kept. */
  etag: string;
}

export interface Hearer {
  /** It can be had back no longer. */
  begun: () => void;
  failed: (error: unknown) => void;
}

interface Batch {
  removals: readonly Removal[];
  timer: ReturnType<typeof setTimeout>;
  hearer: Hearer;
  /** Once it has begun: until the store has answered. */
  under: Promise<void> | null;
}

class Removals {
  #batches = $state.raw<readonly Batch[]>([]);
  #watchers = new Set<() => Promise<void>>();

  constructor() {
    // Who leaves has decided.
    addEventListener("pagehide", () => {
      for (const { removals, timer } of this.#batches) {
        clearTimeout(timer);
        // Without a session of one's own, another's may be there by now.
        if (connection.ended) continue;
        for (const { place, isFolder, etag } of removals) {
          const headers = conditionOf(etag);
          void fetch(address(place, isFolder), { method: "DELETE", headers, keepalive: true, credentials: "same-origin" });
        }
      }
      this.#batches = [];
    });
  }

  isHidden(place: Place): boolean {
    return this.#batches.some((batch) => batch.removals.some((it) => isSame(it.place, place)));
  }

  /** Whoever lists a folder asks for it anew by `reload` once something is gone, until what comes back is called. */
  watch(reload: () => Promise<void>): () => void {
    this.#watchers.add(reload);
    return () => void this.#watchers.delete(reload);
  }

  /** Hides them, and removes them later; what comes back takes that back, as long as it has not begun. */
  begin(removals: readonly Removal[], hearer: Hearer): () => void {
    const timer = setTimeout(() => void this.#run(batch), preferences.undoSeconds * 1000);
    const batch: Batch = { removals, timer, hearer, under: null };
    this.#batches = [...this.#batches, batch];
    return () => {
      if (batch.under) return;
      clearTimeout(timer);
      this.#show(batch);
    };
  }

  /**
   * Removes at once what waits at these places, above or below them. Whoever makes something there waits for it, since the removal
   * would otherwise take what is new.
   */
  async settle(...places: readonly Place[]): Promise<void> {
    const met = this.#batches.filter(({ removals }) => removals.some((it) => places.some((place) => overlap(it.place, place))));
    await Promise.all(met.map((batch) => this.#run(batch)));
  }

  #run(batch: Batch): Promise<void> {
    batch.under ??= this.#remove(batch);
    return batch.under;
  }

  async #remove(batch: Batch): Promise<void> {
    const { removals, timer, hearer } = batch;
    clearTimeout(timer);
    hearer.begun();
    for (const { place, isFolder, etag } of removals) await remove(place, isFolder, etag).catch(hearer.failed);
    // Hidden until the list is without it; who waits to make something new waits for the store only.
    void Promise.allSettled([...this.#watchers].map((reload) => reload())).then(() => this.#show(batch));
  }

  #show(batch: Batch): void {
    this.#batches = this.#batches.filter((it) => it !== batch);
  }
}

export const removals = new Removals();
