// What of a message is shown, in which order, and what can be downloaded.

import { expect, it } from "vitest";
import type { BodyPart, Email } from "../../../lib/jmap/types";
import { attachmentsOf, pieces } from "./parts";

const part = (partId: string, type: string, cid: string | null = null): BodyPart =>
  ({ partId, blobId: `b${partId}`, size: 10, name: null, type, charset: null, disposition: null, cid });
const email = (htmlBody: BodyPart[], textBody: BodyPart[], attachments: BodyPart[] = []): Email => {
  const bodyValues = Object.fromEntries([...htmlBody, ...textBody].map((it) => [it.partId, { value: `value ${it.partId}` }]));
  return { htmlBody, textBody, attachments, bodyValues } as unknown as Email;
};

it("shows a photo between two texts, and lets it be downloaded", () => {
  const body = [part("1", "text/plain"), part("2", "image/jpeg"), part("3", "TEXT/HTML")];
  const found = email(body, body);
  expect(pieces(found)).toEqual([
    { kind: "text", text: "value 1" }, { kind: "picture", part: body[1] }, { kind: "html", text: "value 3" },
  ]);
  expect(attachmentsOf(found, new Set()).map((it) => it.partId)).toEqual(["2"]);
});

it("shows nothing that could act, and attaches each once", () => {
  const [text, drawing, film] = [part("1", "text/html"), part("2", "image/svg+xml"), part("3", "video/mp4")];
  const found = email([text, drawing, film], [film], [film, part("4", "text/csv")]);
  expect(pieces(found)).toEqual([{ kind: "html", text: "value 1" }]);
  expect(attachmentsOf(found, new Set()).map((it) => it.partId)).toEqual(["3", "4", "2"]);
});

it("falls back on the plain text, and leaves out what the text shows", () => {
  const picture = part("2", "image/png", "<a@b>");
  const found = email([picture], [part("1", "text/plain")], [picture]);
  expect(pieces(found)).toEqual([{ kind: "text", text: "value 1" }, { kind: "picture", part: picture }]);
  expect(attachmentsOf(found, new Set(["a@b"]))).toEqual([]);
});
