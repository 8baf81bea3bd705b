import { expect, it } from "vitest";
import { filterOf } from "./search";

const find = (name: string) => (name === "sent" ? "m7" : undefined);

for (const [text, expected] of [
  ["", null],
  ["réunion", { text: "réunion" }],
  ["from:ada", { from: "ada" }],
  ['subject:"two words"', { subject: "two words" }],
  ["-is:unread", { operator: "NOT", conditions: [{ notKeyword: "$seen" }] }],
  ["has:attachment", { header: ["Content-Type", "multipart/mixed"] }],
  ["in:sent x", { operator: "AND", conditions: [{ inMailbox: "m7" }, { text: "x" }] }],
  ["in:nowhere", { text: "in:nowhere" }],
  ["before:yesterday", { text: "before:yesterday" }],
  ["http://x.test/", { text: "http://x.test/" }],
  ["is:blue", { text: "is:blue" }],
] as const) {
  it(`reads ${text || "nothing"}`, () => expect(filterOf(text, find)).toEqual(expected));
}

it("takes days as they are here", () => {
  const filter = filterOf("after:2026-11-01") as { after: string };
  expect(new Date(filter.after).getTime()).toBe(new Date("2026-11-01T00:00:00").getTime());
  expect(filter.after).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});
