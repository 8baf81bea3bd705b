// What is shown, and what is not: nothing that could run is looked at as itself.

import { expect, it } from "vitest";
import { hasPicture, icon, look } from "./kinds";
import { placeOf } from "./places";

const file = (type: string, size = 1) => ({ name: "x", isFolder: false, size, modified: null, type, etag: "" });

it("shows what cannot run", () => {
  expect(look(file("image/png"))).toBe("image");
  expect(look(file("image/svg+xml"))).toBe("none");
  // As text it is its source.
  expect(look(file("text/html"))).toBe("text");
  expect(look(file("application/octet-stream"))).toBe("none");
  expect(hasPicture(file("application/pdf"))).toBe(true);
  expect(hasPicture(file("image/jpeg", 1e9))).toBe(false);
  expect(icon(file("application/zip"))).toBe("file-archive");
});

it("reads places from addresses", () => {
  expect(placeOf(["files"], "u1")).toEqual({ owner: "u1", path: "" });
  expect(placeOf(["files", "at", "u2", "a", "b c"], "u1")).toEqual({ owner: "u2", path: "a/b c" });
  expect(placeOf(["files", "shared"], "u1")).toBe(null);
});
