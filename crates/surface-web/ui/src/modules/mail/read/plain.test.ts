import { expect, it } from "vitest";
import { parts, pieces } from "./plain";

it("folds what is quoted, and nothing else", () => {
  expect(parts("Oui.\r\n\r\n> Quand ?\r\n>> Hier\r\nÀ demain").map(({ quoted, pieces: all }) => [quoted, all.map((it) => it.text).join("")])).toEqual([
    [false, "Oui.\n"],
    [true, "> Quand ?\n>> Hier"],
    [false, "À demain"],
  ]);
});

it("finds addresses without what ends the sentence", () => {
  expect(pieces("voir https://a.test/x?y=1. Écrire à ada@b.test !").filter((it) => it.kind === "link")).toEqual([
    { kind: "link", text: "https://a.test/x?y=1", address: "https://a.test/x?y=1" },
    { kind: "link", text: "ada@b.test", address: "mailto:ada@b.test" },
  ]);
});

it("links nothing that acts", () => {
  expect(pieces("javascript:alert(1) data:text/html,x").every((it) => it.kind === "text")).toBe(true);
});
