// What the view that is open is of, for the title of the window: a mailbox, a subject, a folder, a section.

class View {
  #names = $state.raw<readonly string[]>([]);

  /** Of several within each other, the innermost, which says it last. */
  get name(): string {
    return this.#names.findLast((it) => it !== "") ?? "";
  }

  /** Says what it is of while it is there; made for `$effect(() => view.is(name))`. */
  is(name: string): () => void {
    // Not read in the effect that says it: it would run again for its own change.
    queueMicrotask(() => (this.#names = [...this.#names, name]));
    return () => queueMicrotask(() => (this.#names = without(this.#names, name)));
  }
}

function without(names: readonly string[], name: string): readonly string[] {
  const at = names.lastIndexOf(name);
  return names.filter((_, index) => index !== at);
}

export const view = new View();
