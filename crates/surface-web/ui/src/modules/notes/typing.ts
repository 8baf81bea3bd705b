// What keys and buttons do to a text of Markdown while one writes it: what is put in the place of what, and what is selected then.

export interface Edit {
  from: number;
  to: number;
  text: string;
  /** What is selected afterwards. */
  select: readonly [number, number];
}

const ITEM = /^(\s*(?:>\s?)*)(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/;

/** Puts marks around what is selected, or takes them away. */
export function marked(text: string, start: number, end: number, mark: string): Edit {
  const long = mark.length;
  const has = text.slice(start - long, start) === mark && text.slice(end, end + long) === mark;
  // One star is not half of two.
  const isOther = long === 1 && has && text.slice(start - 2, start) === mark + mark && text.slice(start - 3, start) !== mark.repeat(3);
  const chosen = text.slice(start, end);
  if (start >= long && has && !isOther) return { from: start - long, to: end + long, text: chosen, select: [start - long, end - long] };
  return { from: start, to: end, text: mark + chosen + mark, select: [start + long, end + long] };
}

/** Makes items or headings of the lines that are selected, or plain lines again. */
export function begun(text: string, start: number, end: number, prefix: string): Edit {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const stop = text.indexOf("\n", end);
  const to = stop < 0 ? text.length : stop;
  const lines = text.slice(from, to).split("\n");
  const isSo = lines.every((line) => line.startsWith(prefix));
  const changed = lines.map((line) => (isSo ? line.slice(prefix.length) : prefix + bare(line))).join("\n");
  return { from, to, text: changed, select: lines.length > 1 ? [from, from + changed.length] : [from + changed.length, from + changed.length] };
}

const bare = (line: string): string => line.replace(/^(?:#{1,6} |[-*+] (?:\[[ xX]\] )?)/, "");

/** A link of what is selected. */
export function linked(text: string, start: number, end: number): Edit {
  const chosen = text.slice(start, end);
  const isAddress = /^https:\/\/\S+$/.test(chosen);
  const made = isAddress ? `[](${chosen})` : `[${chosen}](https://)`;
  const at = isAddress ? start + 1 : start + made.length - 1;
  return { from: start, to: end, text: made, select: [at, at] };
}

/** Enter in a list goes on with it, and ends it where the item is empty; nothing elsewhere. */
export function entered(text: string, start: number, end: number): Edit | null {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const found = ITEM.exec(text.slice(from, start));
  if (!found) return null;
  const [whole, indent = "", bullet, number, dot = ".", gap = " ", box] = found;
  const stop = text.indexOf("\n", start);
  const isEmpty = text.slice(from + whole.length, stop < 0 ? text.length : stop).trim() === "";
  if (isEmpty) return { from, to: end, text: "", select: [from, from] };
  const next = `\n${indent}${bullet ?? `${Number(number) + 1}${dot}`}${gap}${box ? "[ ] " : ""}`;
  return { from: start, to: end, text: next, select: [start + next.length, start + next.length] };
}
