// Short notes at the foot of the window: what was done, for as long as it can be undone.

import { preferences } from "./preferences.svelte";

export interface Toast {
  id: number;
  text: string;
  kind: "done" | "failed";
  /** Takes it back. */
  undo?: () => void | Promise<void>;
}

class Toasts {
  all = $state.raw<readonly Toast[]>([]);
  #next = 0;
  /** For how long each stays, in seconds. */
  #lasts = new Map<number, number>();
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Shows a note, and answers its number. */
  show(text: string, options: { kind?: Toast["kind"]; undo?: Toast["undo"]; seconds?: number } = {}): number {
    const id = this.#next++;
    const toast: Toast = { id, text, kind: options.kind ?? "done" };
    if (options.undo) toast.undo = options.undo;
    // Two are read at once, not five.
    this.all = [...this.all.slice(-1), toast];
    const seconds = options.seconds ?? preferences.undoSeconds;
    this.#lasts.set(id, seconds);
    this.release(id);
    return id;
  }

  /** It stays while one is at it (WCAG 2.2, 2.2.1). */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  /** It stays for its time, from now on. */
  release(id: number): void {
    const seconds = this.#lasts.get(id);
    if (seconds === undefined) return;
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.close(id), seconds * 1000));
  }

  close(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#lasts.delete(id);
    this.all = this.all.filter((it) => it.id !== id);
  }

  /** Undoes what the newest note says that can be. */
  undoLast(): void {
    const last = this.all.findLast((it) => it.undo);
    if (last) void this.undo(last);
  }

  async undo(toast: Toast): Promise<void> {
    this.close(toast.id);
    await toast.undo?.();
  }
}

export const toasts = new Toasts();
