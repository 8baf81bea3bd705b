// How files are shown, kept by this browser.

import type { Item } from "../../lib/dav/files";
import { i18n } from "../../lib/i18n.svelte";

export type Order = "name" | "size" | "modified";
type View = "list" | "grid";

const KEY = "office.files";

class Choices {
  view = $state<View>("list");
  order = $state<Order>("name");
  down = $state(false);

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;
      this.view = kept.view === "grid" ? "grid" : "list";
      this.order = kept.order === "size" || kept.order === "modified" ? kept.order : "name";
      this.down = kept.down === true;
    } catch {
      // What stands there is not ours: as it begins.
    }
  }

  set(change: Partial<{ view: View; order: Order; down: boolean }>): void {
    Object.assign(this, change);
    try {
      localStorage.setItem(KEY, JSON.stringify({ view: this.view, order: this.order, down: this.down }));
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
  }

  /** Orders by a column, the other way round when it is ordered by it. */
  by(order: Order): void {
    this.set({ order, down: this.order === order ? !this.down : order !== "name" });
  }

  /** Folders first, names as people of this language have them. */
  sorted(items: readonly Item[]): Item[] {
    const words = new Intl.Collator(i18n.language, { numeric: true, sensitivity: "base" });
    const way = this.down ? -1 : 1;
    const compare = (one: Item, other: Item): number => {
      if (this.order === "size") return one.size - other.size;
      if (this.order === "modified") return (one.modified?.getTime() ?? 0) - (other.modified?.getTime() ?? 0);
      return words.compare(one.name, other.name);
    };
    return [...items].sort(
      (one, other) =>
        Number(other.isFolder) - Number(one.isFolder) || way * compare(one, other) || words.compare(one.name, other.name),
    );
  }
}

export const choices = new Choices();
