// Words in the text of a page: as one types them, without accents and capitals, over the pieces that a line is drawn in.

/** A piece of a page's text. */
export interface Item {
  str: string;
  /** Whether a line ends with it. */
  hasEOL: boolean;
}

/** A place in the text: which piece, and how far in it. */
export interface Spot {
  item: number;
  offset: number;
}

export interface Hit {
  begin: Spot;
  /** Behind the last character. */
  end: Spot;
}

/** Most hits on a page. */
const MOST = 1000;

/** How words are compared. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

export function find(items: readonly Item[], sought: string): Hit[] {
  const words = folded(sought).trim().replace(/\s+/g, " ");
  if (!words) return [];
  const { text, spots } = joined(items);
  const hits: Hit[] = [];
  for (let at = text.indexOf(words); at >= 0 && hits.length < MOST; at = text.indexOf(words, at + words.length)) {
    const [begin, last] = [spots[at], spots[at + words.length - 1]];
    if (begin && last) hits.push({ begin: { item: begin.item, offset: begin.offset }, end: { item: last.item, offset: last.end } });
  }
  return hits;
}

/** All pieces as one folded text, with where each of its characters comes from. */
function joined(items: readonly Item[]): { text: string; spots: (Spot & { end: number })[] } {
  let text = "";
  const spots: (Spot & { end: number })[] = [];
  const add = (piece: string, spot: Spot & { end: number }): void => {
    for (const unit of piece.split("")) {
      const isSpace = /\s/.test(unit);
      if (isSpace && text.endsWith(" ")) continue;
      text += isSpace ? " " : unit;
      spots.push(spot);
    }
  };
  items.forEach(({ str, hasEOL }, item) => {
    let offset = 0;
    for (const character of str) {
      const end = offset + character.length;
      const [alike, last] = [folded(character), spots.at(-1)];
      // A mark belongs to the letter before it.
      if (alike === "" && last?.item === item) last.end = end;
      add(alike, { item, offset, end });
      offset = end;
    }
    if (hasEOL) add(" ", { item, offset, end: offset });
  });
  return { text, spots };
}
