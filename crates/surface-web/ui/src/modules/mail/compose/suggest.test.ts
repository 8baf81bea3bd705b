import { expect, it } from "vitest";
import { ranked, together } from "./suggest";

const address = (email: string, name: string | null = null) => ({ name, email });

it("puts whom one writes to most first, each once, with a name where one was written", () => {
  const messages = [
    { to: [address("a@x")], cc: null, bcc: null },
    { to: [address("B@x", "Béa")], cc: [address("A@x", "Ada")], bcc: null },
    { to: null, cc: null, bcc: [address("a@x")] },
  ];
  expect(ranked(messages)).toEqual([address("A@x", "Ada"), address("B@x", "Béa")]);
});

it("means whoever has words that begin so, without accents and case", () => {
  const own = [address("bea.durand@x", "Béatrice Durand"), address("ada@x", "Ada Roux"), address("rumba@x")];
  const found = (letters: string) => together(own, [], letters).map((it) => it.email);
  expect(found("be")).toEqual(["bea.durand@x"]);
  expect(found("dur BÉA")).toEqual(["bea.durand@x"]);
  expect(found("ro")).toEqual(["ada@x"]);
  expect(found("ba")).toEqual([]);
  expect(found("x")).toEqual(["bea.durand@x", "ada@x", "rumba@x"]);
});

it("shows nobody twice, tells what the directory knows, and leaves out who has no address", () => {
  const own = [address("ADA@x", "Ada")];
  const listed = [
    { kind: "person" as const, name: "Ada Roux", address: "ada@x", role: "faculty" },
    { kind: "group" as const, name: "Staff", address: "staff@x" },
    { kind: "group" as const, name: "Nowhere", address: null },
  ];
  expect(together(own, listed, "ad").map(({ kind, email, role }) => [kind, email, role])).toEqual([
    ["person", "ada@x", "faculty"],
    ["group", "staff@x", null],
  ]);
});

it("shows a handful", () => {
  const many = Array.from({ length: 40 }, (_, at) => address(`a${at}@x`));
  expect(together(many, [], "a").length).toBe(8);
});
