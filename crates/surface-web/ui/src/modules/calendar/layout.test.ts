import { expect, test } from "vitest";
import { columns, LEAST, type Span } from "./layout";

const places = (...spans: [number, number][]) => columns(spans.map(([start, end]) => ({ start, end }))).map((it) => [it.column, it.columns]);

test("what follows stands alone, what overlaps side by side", () => {
  expect(places([540, 600], [600, 660])).toEqual([[0, 1], [0, 1]]);
  expect(places([540, 660], [570, 600], [600, 630])).toEqual([[0, 2], [1, 2], [1, 2]]);
  expect(places([540, 600], [540, 600], [540, 600])).toEqual([[0, 3], [1, 3], [2, 3]]);
  expect(places([600, 660], [540, 610], [700, 710])).toEqual([[1, 2], [0, 2], [0, 1]]);
});

test("what is short is still seen beside the next", () => {
  expect(places([540, 540], [540 + LEAST - 1, 600])).toEqual([[0, 2], [1, 2]]);
});

test("no two that overlap share a column", () => {
  let seed = 7;
  const random = (most: number): number => (seed = (seed * 16807) % 2147483647) % most;
  const spans: Span[] = Array.from({ length: 300 }, () => {
    const start = random(1380);
    return { start, end: start + random(180) };
  });
  const found = columns(spans);
  const end = (it: Span): number => Math.max(it.end, it.start + LEAST);
  spans.forEach((one, a) => spans.forEach((other, b) => {
    const overlap = a !== b && one.start < end(other) && other.start < end(one);
    if (overlap) expect(found[a]?.column).not.toBe(found[b]?.column);
  }));
  for (const { column, columns: all } of found) expect(column).toBeLessThan(all);
});
