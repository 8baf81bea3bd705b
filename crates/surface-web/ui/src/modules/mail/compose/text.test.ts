import { expect, it } from "vitest";
import { forStore, textOf } from "./text";

it("writes quotes, lists and breaks without HTML", () => {
  const html = "<div>Bonjour <b>Ada</b>,</div><div><br></div><ul><li>un</li><li>deux &amp; trois</li></ul><blockquote><div>avant</div><blockquote>plus&nbsp;avant</blockquote></blockquote><div>fin</div>";
  expect(textOf(html)).toBe("Bonjour Ada,\n\n- un\n- deux & trois\n> avant\n>> plus\u00a0avant\nfin\n");
});

it("names pictures by their Content-ID", () => {
  const pictures = new Map([["p1@office", "blob:https://x/1"]]);
  expect(forStore('<img src="blob:https://x/1"><img data-office-remote="https://y/z.png">', pictures)).toBe(
    '<img src="cid:p1@office"><img src="https://y/z.png">',
  );
});
