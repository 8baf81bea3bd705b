// From what the editor holds to what is kept: pictures by their Content-ID, and the same text without HTML.

import createPurify, { type Config } from "dompurify";
import { OF_LAYOUT } from "../read/layout";
import { escapeHtml } from "./quote";

/** What the editor may hold. Styles stand in a place of their own until they are set by script, as the policy of the page wants. */
export const STYLE = "data-office-style";
const REMOTE = "data-office-remote";

/** What a style may say: how text looks. Nothing that takes it out of its place, since it stands in the office's own page. */
const SAYS = new RegExp(
  `^(?:${[
    "color", "background-color", "direction", "opacity", "width", "height", "max-width", "min-width", "vertical-align", "white-space", "word-break", "overflow-wrap",
    "font(?:-(?:family|size|style|weight|variant|stretch))?", "line-height", "letter-spacing", "word-spacing",
    "text-(?:align|decoration(?:-(?:color|line|style|thickness))?|indent|transform)",
    "(?:margin|padding)(?:-(?:top|right|bottom|left|(?:inline|block)(?:-(?:start|end))?))?",
    "border(?:-(?:top|right|bottom|left|(?:inline|block)(?:-(?:start|end))?))?(?:-(?:color|style|width))?", "border-(?:collapse|spacing|radius)",
    "list-style(?:-(?:type|position))?", "table-layout", "caption-side", "empty-cells",
  ].join("|")})$`,
);
const COLOUR = /\b(?:rgb|hsl)a?\([\d\s.,%/]*\)/gi;
/** No brackets, hence no addresses and nothing that is worked out; no escapes and no comments, by which a word can be hidden. */
const PLAIN = /^[\p{L}\p{N}\s#%.,+'"_-]+$/u;

/** The declarations of a style that only say how text looks. */
export function safeStyle(style: string): string {
  const kept = style.split(";").flatMap((one) => {
    const colon = one.indexOf(":");
    const [name, value] = [one.slice(0, Math.max(0, colon)).trim().toLowerCase(), one.slice(colon + 1).replace(/!\s*important\s*$/i, "").trim()];
    return SAYS.test(name) && PLAIN.test(value.replace(COLOUR, "c")) ? [`${name}: ${value}`] : [];
  });
  return kept.join("; ");
}

/** The Content-IDs of the pictures that a text names (RFC 2392). */
export function named(html: string): Set<string> {
  return new Set([...html.matchAll(/\bcid:([^"'\s<>)]+)/gi)].map((found) => unescaped(decode(found[1] ?? ""))));
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const FORBIDDEN = ["style", "form", "input", "button", "select", "textarea", "video", "audio", "source", "link", "meta", "base", "title", "svg", "math", "iframe", "picture"];

/** Takes from an element what could act, and puts its style and a picture that is not shown aside. */
export function cleanElement(node: Pick<Element, "tagName" | "getAttribute" | "setAttribute" | "removeAttribute">, picture: (cid: string) => string | undefined): void {
  const style = safeStyle(node.getAttribute("style") ?? "");
  // What comes in may bear these names itself: only what is put there here is believed.
  const aside = node.getAttribute(REMOTE);
  for (const name of ["style", STYLE, REMOTE, "background", "srcset", "poster"]) node.removeAttribute(name);
  if (style) node.setAttribute(STYLE, style);
  const source = node.getAttribute("src") ?? aside;
  node.removeAttribute("src");
  if (source === null || node.tagName.toUpperCase() !== "IMG") return;
  const cid = /^\s*cid:(.*)$/i.exec(source)?.[1]?.trim();
  const found = cid ? (picture(cid) ?? picture(unescaped(cid))) : /^(blob:|data:image\/(png|gif|jpe?g|webp);)/i.test(source) ? source : undefined;
  if (found) node.setAttribute("src", found);
  // Not fetched while one writes: it would say that the message was opened. A picture of the message that could not be had stays named.
  else if (/^\s*(https?|cid):/i.test(source)) node.setAttribute(REMOTE, source);
}

/** What the editor lets in. */
export const LETS_IN = {
  RETURN_DOM_FRAGMENT: true,
  USE_PROFILES: { html: true },
  FORBID_TAGS: FORBIDDEN,
  FORBID_ATTR: ["id", "name", "class", "contenteditable", "tabindex"],
  ALLOW_DATA_ATTR: false,
  ADD_ATTR: [REMOTE],
  // Told to be no addresses: a quoted table would lose its widths and a text from the right its direction.
  ADD_URI_SAFE_ATTR: OF_LAYOUT,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|cid:|blob:|data:image\/)/i,
  FORCE_BODY: true,
} satisfies Config;

/** Cleans HTML for the editor. `picture` finds a picture of the message by its Content-ID. */
export function forEditor(html: string, picture: (cid: string) => string | undefined): DocumentFragment {
  const purify = createPurify(window);
  purify.addHook("afterSanitizeAttributes", (node) => cleanElement(node, picture));
  return purify.sanitize(html, LETS_IN);
}

/** Sets the styles that stand aside, by script, which the policy allows. */
export function applyStyles(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(`[${STYLE}]`)) {
    element.style.cssText = element.getAttribute(STYLE) ?? "";
    element.removeAttribute(STYLE);
  }
}

/** As it stands in an address, so that `named` finds it again. */
function escaped(cid: string): string {
  return escapeHtml(cid.replace(/[%"'<>()]/g, (it) => `%${it.charCodeAt(0).toString(16)}`));
}

/** What the editor holds, as it is kept and sent. */
export function forStore(html: string, pictures: ReadonlyMap<string, string>): string {
  let text = html.replaceAll(`${REMOTE}="`, 'src="').replaceAll(`${STYLE}="`, 'style="');
  for (const [cid, address] of pictures) text = text.replaceAll(`src="${address}"`, () => `src="cid:${escaped(cid)}"`);
  return text;
}

const BLOCKS = /<\/?(?:div|p|h[1-6]|li|ul|ol|tr|table|pre|blockquote)\b[^>]*>|<br\s*\/?>|<hr\s*\/?>/gi;

/** The same without HTML: quotes with `>`, lists with dashes, addresses as they stand. */
export function textOf(html: string): string {
  let depth = 0;
  const lines: string[] = [];
  let line = "";
  const end = () => {
    lines.push(`${">".repeat(depth)}${depth > 0 ? " " : ""}${line.trim()}`.trimEnd());
    line = "";
  };
  let at = 0;
  const add = (piece: string) => (line += decode(piece.replace(/<[^>]*>/g, "").replace(/\s+/g, " ")));
  for (const match of html.matchAll(BLOCKS)) {
    add(html.slice(at, match.index));
    at = match.index + match[0].length;
    const tag = match[0].toLowerCase();
    const opens = !tag.startsWith("</");
    if (tag.startsWith("<br") || line.trim() !== "") end();
    if (/^<\/?blockquote/.test(tag)) depth = Math.max(0, depth + (opens ? 1 : -1));
    if (tag.startsWith("<li")) line = "- ";
    if (tag.startsWith("<hr")) lines.push("-- ");
  }
  add(html.slice(at));
  if (line.trim()) end();
  return `${lines.join("\n").replace(/\n{3,}/g, "\n\n").trim()}\n`;
}

function decode(text: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
  return text.replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return named[name.toLowerCase()] ?? whole;
    const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
