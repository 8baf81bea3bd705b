// What was found is marked by the browser (CSS Custom Highlight API), without another element in the text. Where a browser has none, the
// page is gone to and the number told.

import type { Hit } from "./find";

const NAMES = ["pdf-found", "pdf-current"] as const;
const [all, current] = "Highlight" in globalThis ? NAMES.map(() => new Highlight()) : [];
if (all && current) {
  CSS.highlights.set(NAMES[0], all);
  CSS.highlights.set(NAMES[1], current);
  current.priority = 1;
}

/** The range of a hit among the elements of a page's pieces of text. */
export function rangeOf(elements: readonly HTMLElement[], { begin, end }: Hit): Range | null {
  const [from, to] = [elements[begin.item]?.firstChild, elements[end.item]?.firstChild];
  if (!from || !to) return null;
  const range = document.createRange();
  range.setStart(from, begin.offset);
  range.setEnd(to, end.offset);
  return range;
}

/** Marks ranges, one of which may be the current one; what comes back takes the marks away. */
export function mark(ranges: readonly Range[], chosen: Range | null): () => void {
  for (const range of ranges) all?.add(range);
  if (chosen) current?.add(chosen);
  return () => {
    for (const range of ranges) all?.delete(range);
    if (chosen) current?.delete(chosen);
  };
}
