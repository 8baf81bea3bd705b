// A search through a PDF, page by page from the one in sight, which shows what it has found while it goes on.

import type { PDFDocumentProxy } from "pdfjs-dist/types/src/display/api";
import { find, type Hit, type Item } from "./find";

/** Most hits in all: whoever has that many looks for something else. */
const MOST = 2000;

export class Finding {
  /** By the pages' indices. */
  hits = $state.raw<ReadonlyMap<number, readonly Hit[]>>(new Map());
  /** Which of all hits is the current one; -1 for none. */
  at = $state(-1);
  busy = $state(false);
  words = $state("");
  readonly all = $derived([...this.hits].sort(([a], [b]) => a - b).flatMap(([page, hits]) => hits.map((hit) => ({ page, hit }))));
  readonly current = $derived(this.all[this.at] ?? null);
  #searching = new AbortController();

  /** Looks for words, from a page on. */
  async look(pdf: PDFDocumentProxy, words: string, from: number): Promise<void> {
    this.stop();
    this.words = words.trim();
    if (!this.words) return;
    const { signal } = (this.#searching = new AbortController());
    this.busy = true;
    let count = 0;
    try {
      for (let step = 0; step < pdf.numPages && count < MOST; step++) {
        const index = (from + step) % pdf.numPages;
        const page = await pdf.getPage(index + 1);
        const { items } = await page.getTextContent();
        if (signal.aborted) return;
        const found = find(items.filter((it): it is typeof it & Item => "str" in it), this.words);
        if (found.length > 0) this.#add(index, found);
        count += found.length;
      }
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }

  /** The next hit, or the one before. */
  step(by: 1 | -1): void {
    const { length } = this.all;
    if (length > 0) this.at = (this.at + by + length) % length;
  }

  stop(): void {
    this.#searching.abort();
    this.busy = false;
    this.hits = new Map();
    this.at = -1;
    this.words = "";
  }

  /** The first hit that is found is gone to; it stays the current one when more are found before it. */
  #add(index: number, found: readonly Hit[]): void {
    const { current } = this;
    this.hits = new Map([...this.hits, [index, found]]);
    this.at = current ? this.all.findIndex(({ hit }) => hit === current.hit) : 0;
  }
}
