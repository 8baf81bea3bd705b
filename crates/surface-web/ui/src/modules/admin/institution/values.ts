// What of a part's fields is sent: what is there now, against what they began with.

import type { Value } from "./settings.svelte";

export function changedSince(begun: Record<string, Value | null>, now: Record<string, Value | null>): Record<string, Value | null> {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => !isSame(value, begun[name] ?? null)));
}

/** Texts by language are the same in whatever order they were entered; the order of a list is a part of it. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [Object.entries(one), new Map(Object.entries(other))];
  return left.length === right.size && left.every(([name, value]) => right.has(name) && isSame(value, right.get(name)));
}
