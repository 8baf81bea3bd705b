// Short notes at the foot of the window: what was done, for as long as it can be undone.

export interface Toast {
  id: number;
  text: string;
  kind: "done" | "failed";
  /** Takes it back. */
  undo?: () => void | Promise<void>;
}

/** For how long it can be undone, in seconds. */
const SECONDS = 10;

class Toasts {
  all = $state.raw<readonly Toast[]>([]);
  #next = 0;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Shows a note, and answers its number. */
  show(text: string, options: { kind?: Toast["kind"]; undo?: Toast["undo"]; seconds?: number } = {}): number {
    const id = this.#next++;
    const toast: Toast = { id, text, kind: options.kind ?? "done" };
    if (options.undo) toast.undo = options.undo;
    // Two are read at once, not five.
    this.all = [...this.all.slice(-1), toast];
    const timer = setTimeout(() => this.close(id), (options.seconds ?? SECONDS) * 1000);
    this.#timers.set(id, timer);
    return id;
  }

  close(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
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
