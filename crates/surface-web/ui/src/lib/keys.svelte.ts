// Commands by single keys: one dispatcher for the whole office, in the capture phase, so that what is shown in menus and in
// the help is what happens. Can be switched off (WCAG 2.2, 2.1.4).

import { preferences } from "./preferences.svelte";

export interface Command {
  /** "c", "#", "Escape", or two after another: "g m". */
  keys: string;
  /** The message that names it, for the help. */
  label: string;
  run: () => void;
  /** Of several for the same keys, the one that was added last and may run does. */
  when?: () => boolean;
}

/** How long the second of two keys may take, in milliseconds. */
const PATIENCE = 1500;

class Keys {
  #commands = $state.raw<readonly Command[]>([]);
  #first = "";
  #until = 0;

  /** All, for the help. */
  get commands(): readonly Command[] {
    return this.#commands;
  }

  /** Adds commands while a view is there; what comes back takes them away again. Made for `$effect(() => keys.add([...]))`. */
  add(commands: readonly Command[]): () => void {
    // Not read in the effect that adds: it would run again for its own change.
    queueMicrotask(() => (this.#commands = [...this.#commands, ...commands]));
    return () => queueMicrotask(() => (this.#commands = this.#commands.filter((it) => !commands.includes(it))));
  }

  press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (!preferences.keys && event.key !== "Escape") return;
    const both = this.#first && event.timeStamp < this.#until ? `${this.#first} ${event.key}` : event.key;
    this.#first = "";
    const found = this.#commands.findLast((it) => it.keys === both && (it.when?.() ?? true));
    if (found) {
      event.preventDefault();
      event.stopImmediatePropagation();
      found.run();
    } else if (this.#commands.some((it) => it.keys.startsWith(`${event.key} `))) {
      this.#first = event.key;
      this.#until = event.timeStamp + PATIENCE;
    }
  }
}

/** Letters go into it; a box to tick takes none. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=textbox]") !== null;
}

export const keys = new Keys();

export function startKeys(): void {
  addEventListener("keydown", (event) => keys.press(event), { capture: true });
}
