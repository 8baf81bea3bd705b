// From what the editor holds to what is kept: pictures by their Content-ID, and the same text without HTML.

import createPurify from "dompurify";

/** What the editor may hold. Styles stand in a place of their own until they are set by script, as the policy of the page wants. */
export const STYLE = "data-office-style";
const REMOTE = "data-office-remote";

const FORBIDDEN = ["style", "form", "input", "button", "select", "textarea", "video", "audio", "source", "link", "meta", "base", "title", "svg", "math", "iframe", "picture"];

/** Cleans HTML for the editor. `picture` finds a picture of the message by its Content-ID. */
export function forEditor(html: string, picture: (cid: string) => string | undefined): DocumentFragment {
  const purify = createPurify(window);
  purify.addHook("afterSanitizeAttributes", (node) => {
    const style = node.getAttribute("style");
    node.removeAttribute("style");
    if (style && !/url\(|expression|@import/i.test(style)) node.setAttribute(STYLE, style);
    for (const name of ["background", "srcset", "poster"]) node.removeAttribute(name);
    const source = node.getAttribute("src");
    if (source === null) return;
    node.removeAttribute("src");
    const cid = /^\s*cid:(.*)$/i.exec(source)?.[1]?.trim();
    const found = cid ? picture(cid) : /^(blob:|data:image\/(png|gif|jpe?g|webp);)/i.test(source) ? source : undefined;
    if (found) node.setAttribute("src", found);
    // Not fetched while one writes: it would say that the message was opened.
    else if (/^https?:/i.test(source)) node.setAttribute(REMOTE, source);
  });
  return purify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    FORBID_TAGS: FORBIDDEN,
    FORBID_ATTR: ["id", "name", "class", "contenteditable", "tabindex"],
    ADD_ATTR: [REMOTE, STYLE],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|cid:|blob:|data:image\/)/i,
    FORCE_BODY: true,
  });
}

/** Sets the styles that stand aside, by script, which the policy allows. */
export function applyStyles(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(`[${STYLE}]`)) {
    element.style.cssText = element.getAttribute(STYLE) ?? "";
    element.removeAttribute(STYLE);
  }
}

/** What the editor holds, as it is kept and sent. */
export function forStore(html: string, pictures: ReadonlyMap<string, string>): string {
  let text = html.replaceAll(`${REMOTE}="`, 'src="').replaceAll(`${STYLE}="`, 'style="');
  for (const [cid, address] of pictures) text = text.replaceAll(`src="${address}"`, `src="cid:${cid}"`);
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
