// Markdown as it is mostly written, made into elements one by one: nothing of the text is ever read as HTML, pictures are not
// fetched, and links lead away from here.

const INLINE = /(`[^`]+`|\*\*[^*]+\*\*|__[^_]+__|\*[^*\s][^*]*\*|\[[^\]]+\]\([^()\s]+\))/;

export function render(text: string): DocumentFragment {
  const whole = document.createDocumentFragment();
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let at = 0; at < lines.length; ) at = block(lines, at, whole);
  return whole;
}

/** Adds the block that begins at a line; where the next does. */
function block(lines: readonly string[], at: number, to: Node): number {
  const line = lines[at] ?? "";
  const run = (from: number, holds: (line: string) => boolean): number => {
    let end = from;
    while (end < lines.length && holds(lines[end] ?? "")) end++;
    return end;
  };
  if (!line.trim()) return at + 1;
  if (/^```/.test(line)) {
    const end = run(at + 1, (it) => !/^```/.test(it));
    const code = element("code");
    code.textContent = lines.slice(at + 1, end).join("\n");
    to.appendChild(element("pre")).appendChild(code);
    return end + 1;
  }
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) {
    // The dialog has a heading of its own above.
    const level = Math.min(6, (heading[1]?.length ?? 1) + 2);
    inline(to.appendChild(element(`h${level}`)), heading[2] ?? "");
    return at + 1;
  }
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
    to.appendChild(element("hr"));
    return at + 1;
  }
  const item = /^\s*(?:[-*+]|(\d+)[.)])\s+/;
  const first = item.exec(line);
  if (first) {
    const end = run(at, (it) => item.test(it) || /^\s+\S/.test(it));
    const listed = to.appendChild(element(first[1] ? "ol" : "ul"));
    for (const text of lines.slice(at, end)) {
      const last = listed.lastElementChild;
      if (item.test(text) || !last) inline(listed.appendChild(element("li")), text.replace(item, ""));
      else inline(last, ` ${text.trim()}`);
    }
    return end;
  }
  if (/^>/.test(line)) {
    const end = run(at, (it) => /^>/.test(it));
    inline(to.appendChild(element("blockquote")), lines.slice(at, end).map((it) => it.replace(/^>\s?/, "")).join(" "));
    return end;
  }
  const end = run(at + 1, (it) => it.trim() !== "" && !/^(#{1,6}\s|```|>)/.test(it) && !item.test(it));
  inline(to.appendChild(element("p")), lines.slice(at, end).join(" "));
  return end;
}

function inline(to: Node, text: string): void {
  for (const part of text.split(INLINE)) {
    if (!part) continue;
    const link = /^\[([^\]]+)\]\(([^()\s]+)\)$/.exec(part);
    if (link) to.appendChild(anchor(link[1] ?? "", link[2] ?? ""));
    else if (/^`[^`]+`$/.test(part)) to.appendChild(element("code")).textContent = part.slice(1, -1);
    else if (/^(\*\*|__).+\1$/.test(part)) to.appendChild(element("strong")).textContent = part.slice(2, -2);
    else if (/^\*.+\*$/.test(part)) to.appendChild(element("em")).textContent = part.slice(1, -1);
    else to.appendChild(document.createTextNode(part));
  }
}

/** A link to the web or to a mail address; any other stays text. */
function anchor(text: string, target: string): Node {
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return document.createTextNode(text);
  const link = document.createElement("a");
  link.textContent = text;
  link.href = target;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  return link;
}

function element(name: string): HTMLElement {
  const made = document.createElement(name);
  made.dir = "auto";
  return made;
}
