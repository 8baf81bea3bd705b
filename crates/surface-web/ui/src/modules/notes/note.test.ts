import { describe, expect, it } from "vitest";
import { by, changed, clashes, draftOf, firstLine, joined, patch, type Note, type Placed } from "./note";

const draft = (title: string, body = "", keywords = "") => ({ title, body, keywords });

describe("a note", () => {
  it("is written as far as it is another", () => {
    expect(changed(draft("a", "b", "x, y"), draft("a", "c", " y,x "))).toEqual(["body"]);
    expect(patch(draft("a"), draft("a", "b", "x، y, x"))).toEqual({ body: "b", keywords: { x: true, y: true } });
    expect(draftOf({ id: "I", uid: "u", notebookId: "C", keywords: { b: true, a: true, c: false } })).toEqual(draft("", "", "a, b"));
  });

  it("clashes where two have changed the same thing, and not to the same", () => {
    const before = draft("a", "b", "c");
    expect(clashes(before, draft("a", "mine", "c"), draft("a", "theirs", "c"))).toEqual(["body"]);
    expect(clashes(before, draft("a", "same", "c"), draft("a", "same", "c"))).toEqual([]);
    expect(clashes(before, draft("a", "mine", "c"), draft("theirs", "b", "d"))).toEqual([]);
    expect(joined(before, draft("a", "mine", "c"), draft("theirs", "b", "d"))).toEqual(draft("theirs", "mine", "d"));
  });

  it("stands in an order", () => {
    const note = (more: Partial<Note>): Placed => ({ account: "A", note: { id: "I", uid: "u", notebookId: "C", ...more } });
    const all = [note({ title: "é10", updated: "2026-01-02" }), note({ updated: "2026-01-03" }), note({ title: "E2", updated: "2026-01-01" })];
    expect([...all].sort(by("updated", "fr")).map((it) => it.note.updated)).toEqual(["2026-01-03", "2026-01-02", "2026-01-01"]);
    expect([...all].sort(by("title", "fr")).map((it) => it.note.title)).toEqual(["E2", "é10", undefined]);
  });

  it.each([
    ["# Courses\n- [ ] pain\n- [x] **sel**", "Courses pain sel"],
    ["> dit `cela`\n---\n1. un", "dit cela un"],
    ["2 - 1 = 1, a*b*c, ***là*** et un_nom_ici", "2 - 1 = 1, a*b*c, là et un_nom_ici"],
  ])("%j is shown by its words", (preview, expected) => expect(firstLine(preview)).toBe(expected));
});
