import { expect, it } from "vitest";
import { isAddress, readAddresses } from "./addresses";

it("reads what people paste", () => {
  const { found, left } = readAddresses('Ada L. <ada@a.test>, bob@b.test;\n"Last, First" <c@c.test>, nobody');
  expect(found).toEqual([
    { name: "Ada L.", email: "ada@a.test" },
    { name: null, email: "bob@b.test" },
    { name: "Last, First", email: "c@c.test" },
  ]);
  expect(left).toEqual(["nobody"]);
});

it("knows what can be none", () => {
  for (const no of ["a", "a@", "@b", "a@b..c", "a b@c", "a@b@c", "a@b,c"]) expect(isAddress(no), no).toBe(false);
  for (const yes of ["a@b", "é@exemple.test", "o'neil+x@b.test"]) expect(isAddress(yes), yes).toBe(true);
});
