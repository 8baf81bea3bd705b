import { expect, it } from "vitest";
import type { Address, Email } from "../../../lib/jmap/types";
import { answerSubject, chain, escapeHtml, recipients } from "./quote";

const at = (email: string): Address => ({ name: null, email });
const mail = (fields: Partial<Email>) => fields as Email;
const me = [at("me@a.test")];

it("answers who wrote, and all but oneself", () => {
  const email = mail({ from: [at("ada@a.test")], to: [at("ME@a.test"), at("bob@b.test")], cc: [at("ada@a.test"), at("c@c.test")], replyTo: null });
  expect(recipients(email, me, false)).toEqual({ to: [at("ada@a.test")], cc: [] });
  expect(recipients(email, me, true)).toEqual({ to: [at("ada@a.test")], cc: [at("bob@b.test"), at("c@c.test")] });
});

it("answers where answers are wanted, and one's own messages where they went", () => {
  expect(recipients(mail({ from: [at("x@a.test")], replyTo: [at("list@a.test")], to: [] }), me, false).to).toEqual([at("list@a.test")]);
  expect(recipients(mail({ from: me, replyTo: null, to: [at("bob@b.test")] }), me, false).to).toEqual([at("bob@b.test")]);
});

it("says Re: once", () => {
  expect(answerSubject("Salle", "Re")).toBe("Re: Salle");
  expect(answerSubject("AW: Salle", "Re")).toBe("AW: Salle");
  expect(answerSubject("TR : Salle", "Fwd")).toBe("TR : Salle");
  expect(answerSubject(null, "Fwd")).toBe("Fwd: ");
});

it("goes on the chain", () => {
  expect(chain(mail({ messageId: ["b"], references: ["a"], inReplyTo: ["a"] }))).toEqual({ inReplyTo: ["b"], references: ["a", "b"] });
  expect(chain(mail({ messageId: null, references: null, inReplyTo: null }))).toEqual({ inReplyTo: null, references: null });
});

it("quotes no mark-up", () => expect(escapeHtml('<b a="x">&')).toBe("&lt;b a=&quot;x&quot;&gt;&amp;"));
