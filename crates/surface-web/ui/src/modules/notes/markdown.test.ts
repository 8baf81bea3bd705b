import { describe, expect, it } from "vitest";
import { directionOf, read, turned, type Element, type Node } from "./markdown";

/** A tree as one reads it: its tags, with where they lead. */
function shown(nodes: readonly Node[]): string {
  const one = (node: Node): string => {
    if (typeof node === "string") return node.trim() ? node : "";
    const more = [node.href, node.level, node.line !== undefined ? `${node.line}${node.isTicked ? "x" : ""}` : undefined].filter((it) => it !== undefined).join(" ");
    return `<${node.tag}${more ? ` ${more}` : ""}>${node.children.map(one).join("")}</>`;
  };
  return nodes.map(one).join("");
}

function all(nodes: readonly Node[]): Element[] {
  return nodes.flatMap((it) => (typeof it === "string" ? [] : [it, ...all(it.children)]));
}

describe("a text of Markdown", () => {
  it.each([
    ["# Titre\n\nUn *mot* et **deux**", "<h1 3>Titre</><p>Un <em>mot</> et <strong>deux</></>"],
    // No rank is left out.
    ["#### a\n# b\n### c", "<h4 3>a</><h1 3>b</><h3 4>c</>"],
    ["- a\n- b", "<ul><li>a</><li>b</></>"],
    ["- [ ] pain\n- [x] *sel*\n  - [X] gros", "<ul><li 0>pain</><li 1x><em>sel</><ul><li 2x>gros</></></></>"],
    ["- [ ] a\n\n- [ ]b", "<ul><li 0><p>a</></><li><p>[ ]b</></></>"],
    ["3. trois", "<ol><li>trois</></>"],
    ["> dit", "<blockquote><p>dit</></>"],
    ["`x<y`\n\n    code", "<p><code>x<y</></><pre><code>code\n</></>"],
    ["a\nb", "<p>a<br></>b</>"],
    ["[là](https://a.test/x) et https://b.test/", "<p><a https://a.test/x>là</> et <a https://b.test/>https://b.test/</></>"],
    ["[moi](mailto:a@b.test)", "<p><a mailto:a@b.test>moi</></>"],
    ["|a|b|\n|-|:-:|\n|1|2|", "<table><thead><tr><th>a</><th>b</></></><tbody><tr><td>1</><td>2</></></></>"],
    ["---", "<hr></>"],
    ["![une image](https://a.test/i.png)", "<p><a https://a.test/i.png>une image</></>"],
  ])("%j", (text, expected) => expect(shown(read(text))).toBe(expected));

  it("is never more than it may be", () => {
    const hostile = [
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "a <b onclick=alert(1)>b</b> <svg/onload=alert(1)>",
      "[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](java&#x73;cript:alert(1)) [x](\tjavascript:alert(1))",
      "[x](data:text/html,<script>alert(1)</script>) [x](vbscript:x) [x](file:///etc/passwd) [x](http://a.test/)",
      "[x](//a.test/x) [x](/dav/files) [x](#/settings) [x](https:/\\a.test) [x](https:///a.test)",
      "![x](javascript:alert(1)) ![x](data:image/svg+xml,<svg/onload=alert(1)>) ![x](http://a.test/t.gif)",
      "<javascript:alert(1)> <http://a.test> <https://a.test/\"onmouseover=alert(1)>",
      "[x]: javascript:alert(1)\n[x]\n\n[y]: data:text/html,x\n![y]",
      "```\"><script>alert(1)</script>\nx\n```",
      "[a](https://a.test \"\" onclick=alert(1) x=\")",
      "|<style>*{display:none}</style>|\n|-|\n|<iframe src=https://a.test>|",
      `${"> ".repeat(400)}x`,
      "*".repeat(4_000),
      "[".repeat(4_000),
    ];
    for (const text of hostile) {
      for (const { tag, href } of all(read(text))) {
        expect(/^(p|h[1-6]|[uo]l|li|blockquote|pre|code|em|strong|s|a|[hb]r|table|thead|tbody|tr|t[hd])$/.test(tag), `${tag} in ${text}`).toBe(true);
        expect(tag === "a", text).toBe(href !== undefined);
        if (href !== undefined) expect(/^(https:\/\/[^/]|mailto:)/i.test(href) && new URL(href).protocol !== "javascript:", href).toBe(true);
      }
    }
    expect(shown(read("<b>a</b>"))).toBe("<p><b>a</b></>");
  });

  it.each([
    ["- خبز\n- pain", "rtl"],
    ["1. 12 pain خبز", "ltr"],
    ["> *12* **محضر**", "rtl"],
    ["12", undefined],
  ])("%j is written towards %s", (text, expected) => expect(directionOf(read(text)[0] ?? "")).toBe(expected));

  it.each([
    ["- [ ] a\n- [x] b", 0, "- [x] a\n- [x] b"],
    ["- [ ] a\n- [x] b", 1, "- [ ] a\n- [ ] b"],
    ["> 1. [X] a [ ] b", 0, "> 1. [ ] a [ ] b"],
    ["  * [ ] [x] c", 0, "  * [x] [x] c"],
    ["rien", 0, "rien"],
    ["a [ ] b", 0, "a [ ] b"],
    ["- [ ] a", 7, "- [ ] a"],
  ])("%j is ticked in line %i", (text, line, expected) => expect(turned(text, line)).toBe(expected));
});
