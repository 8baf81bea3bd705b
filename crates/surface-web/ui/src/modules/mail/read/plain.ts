// A message of plain text, in parts: paragraphs with their links, and quotes that are folded (RFC 3676 §4.5).

export type Piece = { kind: "text"; text: string } | { kind: "link"; text: string; address: string };
export interface Part {
  quoted: boolean;
  pieces: Piece[];
}

const LINK = /\bhttps?:\/\/[^\s<>"]+|\bmailto:[^\s<>"]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/** What ends a sentence, and not an address. */
const AFTER = /[.,;:!?)\]}»’]+$/u;

export function parts(text: string): Part[] {
  const found: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.replace(/\r\n/g, "\n").split("\n")) {
    const quoted = line.startsWith(">");
    const last = found.at(-1);
    if (last && last.quoted === quoted) last.lines.push(line);
    else found.push({ quoted, lines: [line] });
  }
  return found.map(({ quoted, lines }) => ({ quoted, pieces: pieces(lines.join("\n")) }));
}

export function pieces(text: string): Piece[] {
  const all: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const written = match[0].replace(AFTER, "");
    if (match.index > at) all.push({ kind: "text", text: text.slice(at, match.index) });
    const address = /^(https?|mailto):/.test(written) ? written : `mailto:${written}`;
    all.push({ kind: "link", text: written, address });
    at = match.index + written.length;
  }
  if (at < text.length) all.push({ kind: "text", text: text.slice(at) });
  return all;
}
