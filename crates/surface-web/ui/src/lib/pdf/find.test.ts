import { expect, it } from "vitest";
import { find, type Item } from "./find";

const line = (...pieces: string[]): Item[] => pieces.map((str, at) => ({ str, hasEOL: at === pieces.length - 1 }));
/** What is found, as it is written. */
function found(items: Item[], sought: string): string[] {
  return find(items, sought).map(({ begin, end }) =>
    items.map(({ str }, at) => (at < begin.item || at > end.item ? "" : str.slice(at === begin.item ? begin.offset : 0, at === end.item ? end.offset : undefined))).join(""),
  );
}

it("finds words whatever their accents and capitals are", () => {
  expect(found(line("L’Université de Garonne"), "universite")).toEqual(["Université"]);
  expect(found(line("L’Universite\u0301 de"), "université")).toEqual(["Universite\u0301"]);
  expect(found(line("Straße und STRASSE"), "strasse")).toEqual(["STRASSE"]);
  expect(found(line("une ﬁche, ﬁn"), "fi")).toEqual(["ﬁ", "ﬁ"]);
  expect(found(line("𝒜 été 𝒜"), "ete")).toEqual(["été"]);
  expect(found(line("اجتماع القسم"), "القسم")).toEqual(["القسم"]);
});

it("finds over pieces and lines", () => {
  expect(found([...line("le rè", "gle", "ment"), ...line("intérieur")], "reglement interieur")).toEqual(["règlementintérieur"]);
  expect(found(line("un   deux"), "un deux")).toEqual(["un   deux"]);
  expect(found(line("aaaa"), "aa")).toEqual(["aa", "aa"]);
});

it("finds nothing where there is nothing", () => {
  for (const sought of ["", "  ", "zz"]) expect(find(line("un deux"), sought)).toEqual([]);
  expect(find([], "x")).toEqual([]);
  expect(find(line("x".repeat(5000)), "x")).toHaveLength(1000);
});
