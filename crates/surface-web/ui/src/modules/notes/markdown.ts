// A note's text as a tree of what it is made of, for elements of the page's own: no HTML is made of it, and none that is in it is more than text.

import MarkdownIt, { type Token } from "markdown-it";

/** What a text may be made of. */
const TAGS = new Set([
  "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a", "hr", "br", "table", "thead", "tbody", "tr", "th", "td",
]);

export interface Element {
  tag: string;
  children: readonly Node[];
  /** Of a heading its rank in the page, below the note's own title. */
  level?: number;
  /** Of a link: https and mailto lead somewhere, nothing else does. */
  href?: string;
  /** Of an item that can be ticked, the line of the text in which it is. */
  line?: number;
  isTicked?: boolean;
  /** Of a list that is counted, where it begins. */
  start?: number;
}
export type Node = string | Element;

const ALLOWED = /^(?:https:\/\/[^/]|mailto:[^/])/i;
const BOX = /^\[([ xX])\](?:\s+|$)/;
/** The place of a box in its line, behind the marks of what it is in. */
const BOX_OF_LINE = /^((?:[\s>]*(?:[-*+]|\d{1,9}[.)])\s+)+\[)[ xX](?=\](?:\s|$))/;
/** The rank of a note's own title. */
const TITLE = 2;

const reader = new MarkdownIt({ html: false, linkify: true, breaks: true });
// Addresses that nobody marked are links where they say https.
reader.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
reader.validateLink = (address) => ALLOWED.test(address.trim());

/** Reads a text. */
export function read(text: string): readonly Node[] {
  const tokens = reader.parse(text, {});
  const ranks = { last: TITLE };
  return build(tokens, ranks);
}

function build(tokens: readonly Token[], ranks: { last: number }): readonly Node[] {
  const whole: Node[] = [];
  const open: { tag: string; into: Node[]; token: Token }[] = [];
  const into = (): Node[] => open.at(-1)?.into ?? whole;
  for (const token of tokens) {
    if (token.nesting === 1) {
      open.push({ tag: token.tag, into: [], token });
    } else if (token.nesting === -1) {
      const done = open.pop();
      if (done) into().push(...closed(done.token, done.into, ranks));
    } else {
      into().push(...single(token, ranks));
    }
  }
  return whole;
}

/** An element with what is in it. What is no element of ours is only what is in it, as a paragraph of a tight list is. */
function closed(token: Token, children: Node[], ranks: { last: number }): readonly Node[] {
  const { tag } = token;
  if (token.hidden || !TAGS.has(tag)) return children;
  if (/^h[1-6]$/.test(tag)) {
    // No rank is left out: readers of the page go from one to the next.
    const level = Math.min(TITLE + Number(tag[1]), ranks.last + 1, 6);
    ranks.last = level;
    return [{ tag, children, level }];
  }
  if (tag === "a") return [{ tag, children, href: String(token.attrGet("href") ?? "") }];
  if (tag === "ol") return [{ tag, children, start: Number(token.attrGet("start") ?? 1) }];
  if (tag === "li") return [item(token, children)];
  return [{ tag, children }];
}

/** An item that begins with a box can be ticked. */
function item(token: Token, children: Node[]): Element {
  const plain = { tag: "li", children };
  const [first, ...rest] = children;
  const inner = typeof first === "object" && first.tag === "p" ? first.children : children;
  const [text, ...others] = inner;
  const box = typeof text === "string" ? BOX.exec(text) : null;
  if (!box || typeof text !== "string" || !token.map) return plain;
  const without: readonly Node[] = [text.slice(box[0].length), ...others];
  return { tag: "li", children: inner === children ? without : [{ tag: "p", children: without }, ...rest], line: token.map[0], isTicked: box[1] !== " " };
}

function single(token: Token, ranks: { last: number }): readonly Node[] {
  switch (token.type) {
    case "inline":
      return build(token.children ?? [], ranks);
    case "fence":
    case "code_block":
      return [{ tag: "pre", children: [{ tag: "code", children: [token.content] }] }];
    case "code_inline":
      return [{ tag: "code", children: [token.content] }];
    case "hr":
      return [{ tag: "hr", children: [] }];
    case "hardbreak":
    case "softbreak":
      return [{ tag: "br", children: [] }];
    case "image": {
      // Nothing is fetched from elsewhere: it is a way there.
      const [href, words] = [String(token.attrGet("src") ?? ""), token.content];
      return ALLOWED.test(href) ? [{ tag: "a", children: [words || href], href }] : [words];
    }
    default:
      return token.content ? [token.content] : [];
  }
}

/** All words of a node. */
export const wordsIn = (node: Node): string => (typeof node === "string" ? node : node.children.map(wordsIn).join(""));

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * The direction of what is in a node, by its first letter; of what has none, that of where it stands.
 *
 * `dir="auto"` does not look into elements that have a direction themselves, as paragraphs in an item have.
 */
export function directionOf(node: Node): "ltr" | "rtl" | undefined {
  const letter = /\p{L}/u.exec(wordsIn(node))?.[0];
  if (!letter) return undefined;
  return RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr";
}

/** The text with the box in a line turned; as it is where there is none. */
export function turned(text: string, line: number): string {
  const turn = (found: string, before: string): string => before + (found.endsWith(" ") ? "x" : " ");
  return text.split("\n").map((it, at) => (at === line ? it.replace(BOX_OF_LINE, turn) : it)).join("\n");
}
