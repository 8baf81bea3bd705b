import { expect, it } from "vitest";
import type { BodyPart } from "../../../lib/jmap/types";
import { contentId, matched, partsOf, shownIn } from "./parts";

const part = (blobId: string, facts: Partial<BodyPart> = {}): BodyPart => ({
  partId: null, blobId, size: 1, name: null, type: "text/plain", charset: null, disposition: null, cid: null, ...facts,
});

it("finds the parts again by Content-ID, or in their order by name and type", () => {
  const [a, b, c] = [part("1", { name: "a.txt" }), part("2", { name: "a.txt" }), part("3", { name: "p.png", type: "image/png", cid: "<p@x>" })];
  expect(matched([{ name: "p.png", type: "image/png", cid: "p@x" }, { name: "a.txt", type: "text/plain; charset=utf-8", cid: null }, { name: "a.txt", type: "text/plain", cid: null }], [a, b, c])).toEqual([c, a, b]);
  expect(matched([], [a])).toEqual([]);
});

it("finds none unless it finds all", () => {
  expect(matched([{ name: "a.txt", type: "text/plain", cid: null }, { name: "a.txt", type: "text/plain", cid: null }], [part("1", { name: "a.txt" })])).toBeNull();
  expect(matched([{ name: "a.txt", type: "text/plain", cid: "p@x" }], [part("1", { name: "a.txt" })])).toBeNull();
});

it("tells pictures of the text from files that only have a Content-ID", () => {
  const all = [part("1", { cid: "<f_abc>" }), part("2", { cid: "p@x" }), part("3")];
  expect(shownIn('<img src="cid:p%40x">', all)).toEqual([all[1]]);
});

it("leaves no picture out that stands among the texts", () => {
  const [text, picture, file] = [part("1", { partId: "1" }), part("2", { partId: "2", type: "image/png" }), part("3", { partId: "3" })];
  expect(partsOf({ textBody: [text, picture], htmlBody: [text, picture], attachments: [file] })).toEqual([file, picture]);
});

it("writes no Content-ID that breaks a header", () => {
  expect([contentId("<a@b>"), contentId("a b"), contentId("a>\r\nb"), contentId(""), contentId(null)]).toEqual(["a@b", null, null, null, null]);
});
