// Places and their addresses.

import { expect, it } from "vitest";
import { above, address, isSame, nameOf, overlap, preview, within } from "./files";

const place = { owner: "u00007@b.test", path: "Été/a b" };

it("writes an address that names every octet", () => {
  expect(address(place)).toBe("/dav/files/u00007%40b.test/%C3%89t%C3%A9/a%20b");
  expect(address({ owner: "u1", path: "" }, true)).toBe("/dav/files/u1/");
  expect(address(within(place, "100%?#.txt"))).toBe("/dav/files/u00007%40b.test/%C3%89t%C3%A9/a%20b/100%25%3F%23.txt");
  expect(preview(place, { size: "96" })).toBe("/preview?owner=u00007%40b.test&folder=%C3%89t%C3%A9%2Fa+b&size=96");
});

it("goes up and down", () => {
  expect(nameOf(place)).toBe("a b");
  expect(isSame(above(within(place, "c")), place)).toBe(true);
  expect(above(above(above(place)))).toEqual({ owner: place.owner, path: "" });
});

it("knows what is in what", () => {
  const inside = within(place, "c");
  expect([overlap(place, inside), overlap(inside, place), overlap(place, place)]).toEqual([true, true, true]);
  expect(overlap({ ...place, path: "Été/a" }, { ...place, path: "Été/ab" })).toBe(false);
  expect(overlap(place, { ...inside, owner: "another" })).toBe(false);
  expect(overlap({ ...place, path: "" }, inside)).toBe(true);
});
