// Where events of a day stand beside each other.

export interface Span {
  /** In minutes of the day. */
  start: number;
  end: number;
}

export interface Place {
  column: number;
  /** How many stand side by side there. */
  columns: number;
}

/** As short as this one may be and still be hit, in minutes. */
export const LEAST = 24;

/**
 * Puts what overlaps side by side: each in the first column that is free, and as wide as the most that stand beside any of its
 * neighbours. The places are in the order of the spans.
 */
export function columns(spans: readonly Span[]): Place[] {
  const places: Place[] = spans.map(() => ({ column: 0, columns: 1 }));
  const order = spans.map((_, index) => index).sort((a, b) => start(a) - start(b) || end(b) - end(a));
  let group: number[] = [];
  let ends: number[] = [];
  let last = -Infinity;

  function start(index: number): number {
    return spans[index]?.start ?? 0;
  }
  function end(index: number): number {
    return Math.max(spans[index]?.end ?? 0, start(index) + LEAST);
  }
  function close(): void {
    for (const index of group) (places[index] as Place).columns = ends.length;
    group = [];
    ends = [];
  }

  for (const index of order) {
    if (start(index) >= last) close();
    const free = ends.findIndex((it) => it <= start(index));
    const column = free < 0 ? ends.length : free;
    ends[column] = end(index);
    (places[index] as Place).column = column;
    group.push(index);
    last = Math.max(...ends);
  }
  close();
  return places;
}
