// What is left of an HTML message: DOMPurify takes out all that acts, with the frame's own window, so that nothing is read under the
// policy of the office; and what would be fetched from elsewhere is counted, and fetched only when the reader wants it.

import createPurify from "dompurify";
import { OF_LAYOUT } from "./layout";

export interface Cleaned {
  content: DocumentFragment;
  /** How many pictures and other things of elsewhere are not shown. */
  remote: number;
}

/** Finds where a part of the message is (RFC 2392), or where a picture of elsewhere may be fetched. */
export interface Sources {
  part: (cid: string) => string | undefined;
  remote: ((address: string) => string | undefined) | null;
}

const FORBIDDEN = [
  "form", "input", "button", "select", "textarea", "video", "audio", "source", "track", "link", "meta", "base", "title", "svg", "math",
  "iframe", "object", "embed", "dialog", "picture",
];
const REMOTE = /^\s*(https?:)?\/\//i;
const OF_STYLE = /url\(\s*(['"]?)([^'")]*)\1\s*\)|@import[^;]*;?|image-set\([^)]*\)/gi;

export function clean(html: string, window: Window, sources: Sources): Cleaned {
  const purify = createPurify(window as unknown as Parameters<typeof createPurify>[0]);
  let remote = 0;

  /** The address that stands for what was written; none is shown. */
  const address = (written: string): string | undefined => {
    if (/^\s*cid:/i.test(written)) return sources.part(decode(written.replace(/^\s*cid:/i, "").trim()));
    if (/^\s*data:image\/(png|gif|jpe?g|webp|avif|bmp)[;,]/i.test(written)) return written;
    if (!REMOTE.test(written)) return undefined;
    const fetched = sources.remote?.(written.trim().replace(/^\/\//, "https://"));
    if (!fetched) remote++;
    return fetched;
  };
  const style = (text: string): string =>
    text.replace(OF_STYLE, (whole, _quote, written?: string) => {
      const found = whole.toLowerCase().startsWith("url") && written ? address(written) : undefined;
      return found ? `url("${found.replaceAll('"', "%22")}")` : "none";
    });

  purify.addHook("uponSanitizeElement", (node, data) => {
    if (data.tagName === "style" && node.textContent) node.textContent = style(unescape(node.textContent));
  });
  purify.addHook("afterSanitizeAttributes", (node) => {
    for (const name of ["src", "background", "poster"]) {
      const written = node.getAttribute(name);
      if (written === null) continue;
      const found = address(written);
      if (found) node.setAttribute(name, found);
      else node.removeAttribute(name);
    }
    node.removeAttribute("srcset");
    const written = node.getAttribute("style");
    if (written) node.setAttribute("style", style(unescape(written)));
    if (node.localName === "a" || node.localName === "area") link(node);
    if (node.localName === "img" && !node.hasAttribute("alt")) node.setAttribute("alt", "");
  });
  const content = purify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    FORBID_TAGS: FORBIDDEN,
    FORBID_ATTR: ["id", "name", "ping", "usemap", "autofocus", "tabindex", "accesskey", "contenteditable", "popover", "popovertarget"],
    ADD_TAGS: ["style"],
    ADD_ATTR: ["target", "background"],
    ADD_URI_SAFE_ATTR: OF_LAYOUT,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|cid:|data:image\/|\/\/)/i,
    ALLOW_DATA_ATTR: false,
    FORCE_BODY: true,
  });
  return { content, remote };
}

/** Opens elsewhere, and tells nobody from where. */
function link(node: Element): void {
  const target = node.getAttribute("href") ?? "";
  if (!/^(https?:|mailto:)/i.test(target)) node.removeAttribute("href");
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
}

/** Escapes of CSS could hide an address: `u\72l(...)`. */
function unescape(text: string): string {
  return text.replace(/\\([0-9a-f]{1,6})\s?/gi, (_, code: string) => {
    const point = Number.parseInt(code, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : "";
  }).replace(/\/\*[\s\S]*?\*\//g, "");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
