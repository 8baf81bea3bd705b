// Objects of JMAP that were removed and can still be had back: for as long as somebody has chosen they are only hidden here.

import { connection } from "../connection.svelte";
import { preferences } from "../preferences.svelte";
import { toasts } from "../toasts.svelte";
import { jmap } from "./office";
import { Refused, type Arguments, type Id, type SetAnswer } from "./types";

export interface Removal {
  /** `CalendarEvent/set` or another one that destroys. */
  method: string;
  account: Id;
  ids: readonly Id[];
  /** What the method is told beside that. */
  more?: Arguments;
}

interface Hearer {
  /** They can be had back no longer. */
  begun: () => void;
  /** Looks again: they stay hidden until then. */
  look: () => Promise<void>;
  failed: (error: unknown) => void;
}

interface Batch extends Removal {
  timer: ReturnType<typeof setTimeout>;
  hearer: Hearer;
  isUnder: boolean;
}

class Removals {
  #batches = $state.raw<readonly Batch[]>([]);

  constructor() {
    // Who leaves has decided. Without a session of one's own, another's may be there by now.
    addEventListener("pagehide", () => {
      for (const batch of this.#batches) {
        clearTimeout(batch.timer);
        if (!connection.ended && !batch.isUnder) jmap.leave(batch.method, said(batch));
      }
      this.#batches = [];
    });
  }

  isHidden(account: Id, id: Id): boolean {
    return this.#batches.some((it) => it.account === account && it.ids.includes(id));
  }

  /** Removes them, says so, and takes it back for whoever wants that; `problem` says what went wrong. */
  remove(removal: Removal, text: string, look: () => Promise<void>, problem: (error: unknown) => string): void {
    const undo = this.#begin(removal, {
      begun: () => toasts.close(note),
      look,
      failed: (error) => void toasts.show(problem(error), { kind: "failed" }),
    });
    const note = toasts.show(text, { undo });
  }

  /** Hides them, and removes them later; what comes back takes that back, as long as it has not begun. */
  #begin(removal: Removal, hearer: Hearer): () => void {
    const timer = setTimeout(() => void this.#run(batch), preferences.undoSeconds * 1000);
    const batch: Batch = { ...removal, timer, hearer, isUnder: false };
    this.#batches = [...this.#batches, batch];
    return () => {
      if (batch.isUnder) return;
      clearTimeout(timer);
      this.#show(batch);
    };
  }

  async #run(batch: Batch): Promise<void> {
    batch.isUnder = true;
    batch.hearer.begun();
    try {
      const answer = await jmap.call<SetAnswer>(batch.method, said(batch));
      const refused = Object.values(answer.notDestroyed ?? {}).find((it) => it.type !== "notFound");
      if (refused) throw new Refused(refused);
    } catch (error) {
      batch.hearer.failed(error);
    }
    await batch.hearer.look().catch(() => undefined);
    this.#show(batch);
  }

  #show(batch: Batch): void {
    this.#batches = this.#batches.filter((it) => it !== batch);
  }
}

function said({ account, ids, more }: Removal): Arguments {
  return { accountId: account, destroy: ids, ...more };
}

export const removals = new Removals();
