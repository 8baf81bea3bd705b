import { describe, expect, it } from "vitest";
import { begun, entered, linked, marked, type Edit } from "./typing";

/** A text in which `|` stands around what is selected, before and after. */
function check(before: string, act: (text: string, start: number, end: number) => Edit | null, after: string | null): void {
  const start = before.indexOf("|");
  const end = before.lastIndexOf("|") === start ? start : before.lastIndexOf("|") - 1;
  const text = before.replaceAll("|", "");
  const edit = act(text, start, end);
  if (!edit || after === null) return expect(edit).toBe(after);
  const now = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
  const [from, to] = edit.select;
  const told = from === to ? `${now.slice(0, from)}|${now.slice(from)}` : `${now.slice(0, from)}|${now.slice(from, to)}|${now.slice(to)}`;
  expect(told).toBe(after);
}

describe("while one writes", () => {
  it.each([
    ["un |mot| ici", "**", "un **|mot|** ici"],
    ["un **|mot|** ici", "**", "un |mot| ici"],
    ["un |", "**", "un **|**"],
    ["|mot|", "*", "*|mot|*"],
    ["*|mot|*", "*", "|mot|"],
    ["**|mot|**", "*", "***|mot|***"],
    ["***|mot|***", "*", "**|mot|**"],
  ])("%j is marked with %s", (before, mark, after) => check(before, (text, start, end) => marked(text, start, end, mark), after));

  it.each([
    ["a\nb|c\nd", "- ", "a\n- bc|\nd"],
    ["- a|", "- ", "a|"],
    ["|a\nb|", "- [ ] ", "|- [ ] a\n- [ ] b|"],
    ["- a|", "# ", "# a|"],
    ["- [x] a|", "- ", "[x] a|"],
  ])("%j begins with %j", (before, prefix, after) => check(before, (text, start, end) => begun(text, start, end, prefix), after));

  it.each([
    ["|là|", "[là](https://|)"],
    ["|https://a.test/|", "[|](https://a.test/)"],
  ])("%j is a link", (before, after) => check(before, linked, after));

  it.each([
    ["- a|", "- a\n- |"],
    ["  * a|b", "  * a\n  * |b"],
    ["9. a|", "9. a\n10. |"],
    ["1) a|", "1) a\n2) |"],
    ["- [x] a|", "- [x] a\n- [ ] |"],
    ["> - a|", "> - a\n> - |"],
    ["- a\n- |", "- a\n|"],
    ["- [ ] |\nb", "|\nb"],
    ["rien|", null],
    ["-a|", null],
    ["|- a", null],
  ])("Enter in %j", (before, after) => check(before, entered, after));
});
