// The folders that the tree knows, and which of them are unfolded. They go with the page.

import { SvelteMap, SvelteSet } from "svelte/reactivity";
import { above, list, names, type Item, type Place } from "../../lib/dav/files";

const key = ({ owner, path }: Place): string => `${owner}/${names(path).join("/")}`;

class Folders {
  #open = new SvelteSet<string>();
  #known = new SvelteMap<string, readonly string[]>();
  #failed = new SvelteSet<string>();

  isOpen(place: Place): boolean {
    return this.#open.has(key(place));
  }

  /** The names of the folders in it; `undefined` until somebody has looked. */
  of(place: Place): readonly string[] | undefined {
    return this.#known.get(key(place));
  }

  hasFailed(place: Place): boolean {
    return this.#failed.has(key(place));
  }

  fold(place: Place): void {
    this.#open.delete(key(place));
  }

  /** Unfolds it; what it holds is looked up the first time only. */
  unfold(place: Place): void {
    this.#open.add(key(place));
    if (!this.#known.has(key(place))) void this.#look(place);
  }

  /** Unfolds what is above a place, so that it is in sight, and a whole tree; what is in the place whoever lists it will say. */
  show(place: Place): void {
    if (place.path === "") this.#open.add(key(place));
    for (let at = place; at.path !== ""; ) {
      at = above(at);
      this.unfold(at);
    }
  }

  /** Whoever has listed a place says what is in it. */
  saw(place: Place, items: readonly Item[]): void {
    this.#failed.delete(key(place));
    this.#known.set(key(place), items.filter((it) => it.isFolder).map((it) => it.name));
  }

  /** What is in it was changed from elsewhere. */
  changed(place: Place): void {
    if (this.isOpen(place)) void this.#look(place);
    else this.#known.delete(key(place));
  }

  async #look(place: Place): Promise<void> {
    try {
      this.saw(place, await list(place));
    } catch {
      // The folder itself says why, once somebody goes there; unfolding it again asks again.
      this.#failed.add(key(place));
      this.fold(place);
    }
  }
}

export const folders = new Folders();
