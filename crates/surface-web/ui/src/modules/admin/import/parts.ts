// A file of accounts in parts that the gateway takes: whole rows of a table, each part with the table's head, or whole entries of
// a directory. Each part knows the line of the whole file that it begins at.

export interface Part {
  text: string;
  /** What the gateway is told of its place. */
  firstLine: number;
  /** Lines of the file up to its end. */
  lastLine: number;
}

/** Most rows of a part, and most characters: a step that shows, and far from what the gateway takes. */
const MOST_ROWS = 200;
const MOST_CHARACTERS = 150_000;

export type Format = "csv" | "ldif";

export function formatOf(name: string): Format {
  return name.toLowerCase().endsWith(".ldif") ? "ldif" : "csv";
}

export function parts(text: string, format: Format, most = MOST_ROWS): Part[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  return format === "ldif" ? ofEntries(lines, most) : ofTable(lines, most);
}

interface Piece {
  lines: string[];
  /** From 1. */
  first: number;
}

/** Rows of a table: a quote that is open goes on in the next line (RFC 4180 §2). */
function ofTable(lines: readonly string[], most: number): Part[] {
  const rows: Piece[] = [];
  let open = false;
  lines.forEach((line, index) => {
    if (open) rows.at(-1)?.lines.push(line);
    else if (line.trim() !== "") rows.push({ lines: [line], first: index + 1 });
    else return;
    if ((line.split('"').length - 1) % 2 === 1) open = !open;
  });
  const [head, ...rest] = rows;
  if (!head) return [];
  return gathered(rest, most).map((pieces) => part(head.lines, pieces));
}

/** Entries of a directory: an empty line ends one (RFC 2849). */
function ofEntries(lines: readonly string[], most: number): Part[] {
  const entries: Piece[] = [];
  let within = false;
  lines.forEach((line, index) => {
    if (line === "") within = false;
    else if (within) entries.at(-1)?.lines.push(line);
    else {
      entries.push({ lines: [line], first: index + 1 });
      within = true;
    }
  });
  return gathered(entries, most).map((pieces) => part([], pieces));
}

function gathered(pieces: readonly Piece[], most: number): Piece[][] {
  const groups: Piece[][] = [];
  let characters = 0;
  for (const piece of pieces) {
    const length = piece.lines.join("\n").length;
    const last = groups.at(-1);
    if (!last || last.length >= most || characters + length > MOST_CHARACTERS) {
      groups.push([piece]);
      characters = length;
    } else {
      last.push(piece);
      characters += length;
    }
  }
  return groups;
}

/** Puts pieces together with as many empty lines as there were between them, so that each line keeps its number. */
function part(head: readonly string[], own: readonly Piece[]): Part {
  const first = own[0]?.first ?? 1;
  const lines = [...head];
  let next = first;
  for (const piece of own) {
    lines.push(...Array<string>(piece.first - next).fill(""), ...piece.lines);
    next = piece.first + piece.lines.length;
  }
  // The gateway takes the head for one line, above the row whose line it is told.
  const firstLine = Math.max(1, first - Math.max(0, head.length - 1));
  return { text: `${lines.join("\n")}\n`, firstLine, lastLine: next - 1 };
}
