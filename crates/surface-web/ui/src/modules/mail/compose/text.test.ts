import { expect, it } from "vitest";
import { cleanElement, forStore, LETS_IN, named, safeStyle, STYLE, textOf } from "./text";

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

it("lets a style say how text looks", () => {
  const style = "color: rgb(1, 2, 3); FONT-FAMILY: 'Noto Sans', serif; margin-left:4px; border-bottom: 1px solid #ccc !important";
  expect(safeStyle(style)).toBe("color: rgb(1, 2, 3); font-family: 'Noto Sans', serif; margin-left: 4px; border-bottom: 1px solid #ccc");
});

it.each([
  "position: fixed", "position:fixed;inset:0", "top: 0; left: 0; z-index: 99999", "display: none", "transform: scale(99)", "float: left", "content: 'x'",
  "pos/**/ition: fixed", "p\\6fsition: fixed", "background-color: u\\72l(//x)", "background: url(//x.test/a)", "list-style: url('//x.test/a')", "list-style-image: url(//x)",
  "color: expression(alert(1))", "width: calc(100vw * 9)", "color: var(--brand)", "font-family: 'a;position:fixed", "cursor: wait", "@import '//x'", "color: red } * { color: red",
  "--x: 1", "animation: a 1s", "width: 9px/**/", "background-color: rgb(url(//x))", ":color: red",
])("lets a style not act: %s", (style) => expect(safeStyle(style)).not.toMatch(/position(?!:)|fixed(?!')|url|\(|\\|\/\*|[{}@]|z-index|display|float|content|cursor|--|:color/));

/** As much of an element as is cleaned. */
function element(tagName: string, attributes: Record<string, string>) {
  const all = new Map(Object.entries(attributes));
  const node = {
    tagName, getAttribute: (name: string) => all.get(name) ?? null, setAttribute: (name: string, value: string) => void all.set(name, value),
    removeAttribute: (name: string) => void all.delete(name),
  };
  return { node, all };
}

function cleaned(tagName: string, attributes: Record<string, string>): Record<string, string> {
  const { node, all } = element(tagName, attributes);
  cleanElement(node, (cid) => (cid === "p@x" ? "blob:p" : undefined));
  return Object.fromEntries(all);
}

it("believes no mark that comes in", () => {
  expect(cleaned("DIV", { [STYLE]: "position: fixed; inset: 0" })).toEqual({});
  expect(cleaned("DIV", { style: "position: fixed; color: red", [STYLE]: "position: fixed" })).toEqual({ [STYLE]: "color: red" });
  expect(cleaned("DIV", { "data-office-remote": "https://x.test/a" })).toEqual({});
  expect(cleaned("IMG", { "data-office-remote": "javascript:alert(1)" })).toEqual({});
});

it("keeps a picture named that is not shown", () => {
  expect(cleaned("IMG", { src: "cid:p%40x" })).toEqual({ src: "blob:p" });
  expect(cleaned("IMG", { src: "cid:gone@x" })).toEqual({ "data-office-remote": "cid:gone@x" });
  expect(cleaned("IMG", { "data-office-remote": "https://x.test/a" })).toEqual({ "data-office-remote": "https://x.test/a" });
  expect(forStore('<img data-office-remote="cid:gone@x">', new Map())).toBe('<img src="cid:gone@x">');
  expect([...named("<img src=\"cid:a%40x\"><img src='CID:b&amp;c@x'>")]).toEqual(["a@x", "b&c@x"]);
});

it.each(["a%40b@x", "o'b@x", 'q"><b@x', "$&(1)@x", "a&amp;b@x"])("finds a Content-ID again that it wrote: %s", (cid) => {
  expect([...named(forStore('<img src="blob:1">', new Map([[cid, "blob:1"]])))]).toEqual([cid]);
});

/** As DOMPurify judges the value of an attribute that is allowed at all. */
function keeps(name: string, value: string): boolean {
  return LETS_IN.ADD_URI_SAFE_ATTR.includes(name) || LETS_IN.ALLOWED_URI_REGEXP.test(value);
}

it("keeps how a quote is laid out, and takes no address that runs", () => {
  for (const [name, value] of [["dir", "rtl"], ["width", "600"], ["colspan", "2"], ["align", "center"], ["bgcolor", "#eee"], ["lang", "ar"]] as const) {
    expect(keeps(name, value), name).toBe(true);
  }
  for (const name of ["src", "href", "action", "formaction", "background", "srcset", "style", "xlink:href", "onclick"]) {
    expect(keeps(name, "javascript:alert(1)"), name).toBe(false);
  }
});
