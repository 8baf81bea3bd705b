// A file of accounts in parts: whole rows and entries, each of which is told by its line in the whole file.

import { expect, it } from "vitest";
import { formatOf, parts } from "./parts";

it("cuts a table between rows, and each part has the head", () => {
  const text = 'login,name\nu1,A\n\nu2,"B\nof two lines"\nu3,C\n';
  expect(parts(text, "csv", 2)).toEqual([
    { text: 'login,name\nu1,A\n\nu2,"B\nof two lines"\n', firstLine: 2, lastLine: 5 },
    { text: "login,name\nu3,C\n", firstLine: 6, lastLine: 6 },
  ]);
});

it("knows a head of two lines, and what a program of Windows writes", () => {
  expect(parts('\uFEFF"login\nx",name\r\nu1,A\r\n', "csv")).toEqual([{ text: '"login\nx",name\nu1,A\n', firstLine: 2, lastLine: 3 }]);
});

it("cuts entries at empty lines", () => {
  const text = "version: 1\n\ndn: uid=u1\nuid: u1\n\n\ndn: uid=u2\nuid:\n u2\n";
  expect(parts(text, "ldif", 2)).toEqual([
    { text: "version: 1\n\ndn: uid=u1\nuid: u1\n", firstLine: 1, lastLine: 4 },
    { text: "dn: uid=u2\nuid:\n u2\n", firstLine: 7, lastLine: 9 },
  ]);
});

it("has no part of a file that says nothing", () => {
  expect([parts("", "csv"), parts("login,name\n", "csv"), parts("\n\n", "ldif")]).toEqual([[], [], []]);
  expect([formatOf("x.LDIF"), formatOf("x.csv")]).toEqual(["ldif", "csv"]);
});
