// mbox (RFC 4155) in the browser: a file is taken apart while it is read in slices, whatever its size, and a few messages are put together.
// The quoting is mboxrd, as the gateway writes it: a line that looks like a separator has one `>` more.

/** How much of a file is read at once, in octets: little enough that nobody notices. */
const STEP = 512 * 1024;
const LF = 10;
const CR = 13;
/** A separator: a sender, and a moment that begins with its day of the week. What only begins so is a line of a text. */
const SEPARATOR = /^From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .*\d{1,2}:\d\d\b.*\b\d{4}\b/;
/** Fields that are the mailbox's and not the message's. */
const OWN = /^(status|x-status|x-keywords|x-no-final-newline)[ \t]*:(.*)$/i;
/** How much of a message is looked at for its header, in octets. */
const LOOKED_AT = 256 * 1024;

/** A message of a file. */
export interface Piece {
  /** Its number in the file, from 1. */
  number: number;
  content: Blob;
  /** It is larger than was allowed, and its content is not there. */
  isTooLarge: boolean;
  keywords: Record<string, true>;
  /** When it was received (RFC 3339), where that can be told. */
  receivedAt: string | null;
  /** With its brackets; empty where it has none. */
  messageId: string;
  /** How far into the file it reaches, in octets. */
  end: number;
}

/** Whether a file is an mbox: else it is taken for one message. */
export async function isMbox(file: Blob): Promise<boolean> {
  return (await file.slice(0, 5).text()) === "From ";
}

/** The one message of a file. */
export async function whole(file: Blob, most: number): Promise<Piece> {
  const isTooLarge = file.size > most;
  const header = headerOf(new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer()));
  const told = { messageId: field(header, "message-id").match(/<[^>]+>/)?.[0] ?? "", receivedAt: moment(field(header, "date")) };
  return { number: 1, content: isTooLarge ? new Blob() : file, isTooLarge, keywords: { $seen: true }, end: file.size, ...told };
}

/** The messages of an mbox, in order. Its first line begins one however it goes on: some write there what is no moment. */
export async function* split(file: Blob, most: number): AsyncGenerator<Piece> {
  let message: Message | null = null;
  let number = 0;
  let carried = new Uint8Array();
  let afterEmpty = false;
  for (let at = 0; at < file.size; at += STEP) {
    const fresh = new Uint8Array(await file.slice(at, at + STEP).arrayBuffer());
    const isLast = at + STEP >= file.size;
    const octets = joined(carried, fresh);
    let start = 0;
    while (start < octets.length) {
      const found = octets.indexOf(LF, start);
      // A line that goes on in the next slice waits for it, unless it is longer than any separator or quote.
      if (found < 0 && !isLast && octets.length - start < STEP) break;
      const next = found < 0 ? octets.length : found + 1;
      const line = octets.subarray(start, next);
      const begins = isSeparator(line);
      if (message && !(afterEmpty && begins)) message.line(line);
      else {
        if (message) yield message.piece(at - carried.length + start);
        message = new Message(++number, begins ? moment(text(line).replace(/^From \S+ /, "")) : null, most);
      }
      afterEmpty = line[0] === LF || (line[0] === CR && line[1] === LF);
      start = next;
    }
    carried = octets.slice(start);
  }
  if (message) yield message.piece(file.size);
}

class Message {
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #header: Uint8Array[] = [];
  #inHeader = true;
  #keywords: Record<string, true> = {};
  #isMarked = false;
  /** Whether its last line ends with it, and not with a line break. */
  #isUnended = false;

  constructor(
    private readonly number: number,
    private readonly receivedAt: string | null,
    private readonly most: number,
  ) {}

  line(line: Uint8Array<ArrayBuffer>): void {
    if (this.#inHeader) {
      const own = OWN.exec(text(line.subarray(0, 8_192)).trimEnd());
      if (own?.[1] && own[2] !== undefined) return this.#mark(own[1].toLowerCase(), own[2]);
      this.#header.push(line);
      this.#inHeader = line[0] !== LF && line[0] !== CR;
    }
    let at = 0;
    while (line[at] === 62) at++;
    // `>From ` stands for `From `, `>>From ` for `>From `.
    const isQuoted = at > 0 && text(line.subarray(at, at + 5)) === "From ";
    this.#add(isQuoted ? line.subarray(1) : line);
  }

  #add(octets: Uint8Array<ArrayBuffer>): void {
    this.#size += octets.length;
    if (this.#size > this.most) this.#parts = [];
    // Lines that follow each other in what was read stay one part.
    const last = this.#parts.at(-1);
    if (last && last.buffer === octets.buffer && last.byteOffset + last.length === octets.byteOffset) {
      this.#parts[this.#parts.length - 1] = new Uint8Array(octets.buffer, last.byteOffset, last.length + octets.length);
    } else this.#parts.push(octets);
  }

  #mark(name: string, said: string): void {
    if (name === "x-no-final-newline") {
      this.#isUnended = true;
      return;
    }
    this.#isMarked = true;
    const set = (letter: string, keyword: string) => said.includes(letter) && (this.#keywords[keyword] = true);
    if (name === "status") set("R", "$seen");
    if (name === "x-status") {
      set("A", "$answered");
      set("F", "$flagged");
      set("T", "$draft");
    }
    if (name === "x-keywords") for (const word of said.split(/\s+/)) if (/^[^\s(){%*"\\\]\p{C}]{1,255}$/u.test(word)) this.#keywords[word.toLowerCase()] = true;
  }

  piece(end: number): Piece {
    const isTooLarge = this.#size > this.most;
    const content = isTooLarge ? new Blob() : new Blob(this.#isUnended ? withoutLastBreak(withoutLastEmpty(this.#parts)) : withoutLastEmpty(this.#parts));
    const header = text(this.#header.reduce<Uint8Array>((all, it) => (all.length < LOOKED_AT ? joined(all, it) : all), new Uint8Array()));
    // A file of which no message says whether it was read is an archive: it is no news.
    const keywords = this.#isMarked ? this.#keywords : { $seen: true as const };
    const messageId = field(header, "message-id").match(/<[^>]+>/)?.[0] ?? "";
    return { number: this.number, content, isTooLarge, keywords, receivedAt: this.receivedAt ?? moment(field(header, "date")), messageId, end };
  }
}

/** The empty line before a separator belongs to neither message. */
function withoutLastEmpty(parts: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  const last = parts.at(-1);
  if (!last || last.at(-1) !== LF) return parts;
  const cut = last.at(-2) === CR ? 2 : 1;
  const before = last.at(-1 - cut) ?? parts.at(-2)?.at(-1);
  return before === LF ? [...parts.slice(0, -1), last.subarray(0, last.length - cut)] : parts;
}

function withoutLastBreak(parts: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  const last = parts.at(-1);
  if (!last || last.at(-1) !== LF) return parts;
  return [...parts.slice(0, -1), last.subarray(0, last.length - (last.at(-2) === CR ? 2 : 1))];
}

function isSeparator(line: Uint8Array): boolean {
  return line[0] === 70 && line.length < 1_000 && SEPARATOR.test(text(line));
}

function text(octets: Uint8Array): string {
  return new TextDecoder("latin1").decode(octets);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

function headerOf(octets: Uint8Array): string {
  return text(octets).split(/\r?\n\r?\n/, 1)[0] ?? "";
}

/** A field of a header without its folds. */
function field(header: string, name: string): string {
  return new RegExp(`^${name}[ \\t]*:((?:.*\\r?\\n[ \\t])*.*)`, "im").exec(header)?.[1]?.replace(/\r?\n/g, "").trim() ?? "";
}

/** A moment as JMAP takes it; a time without a zone is in UTC, as mbox has it. */
function moment(said: string): string | null {
  const zoned = /[+-]\d{4}|\b(GMT|UTC?|[ECMP][DS]T)\b/.test(said) ? said.replace(/\s*\(.*\)\s*$/, "") : `${said.trim()} UTC`;
  const at = Date.parse(zoned.trim());
  return Number.isNaN(at) ? null : new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/** What goes before a message in a file, and what is marked on it. */
export interface Marked {
  receivedAt: string;
  keywords: Record<string, boolean>;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Keywords that are letters of a field, and not words of another. */
const LETTERS: Record<string, string> = { $answered: "A", $flagged: "F", $draft: "T" };

/** A message as a part of an mbox: with its separator, with LF at the ends of its lines, quoted. */
export function written(octets: Uint8Array, { receivedAt, keywords }: Marked): Uint8Array<ArrayBuffer> {
  const at = new Date(receivedAt);
  const two = (number: number) => String(number).padStart(2, "0");
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
  const day = `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)}`;
  const on = Object.keys(keywords).filter((it) => keywords[it]);
  const unended = octets.at(-1) === LF ? "" : "X-No-Final-Newline: yes\n";
  const letters = on.map((it) => LETTERS[it] ?? "").join("");
  const words = on.filter((it) => it !== "$seen" && !LETTERS[it]).join(" ");
  const head = `From MAILER-DAEMON ${day} ${time} ${at.getUTCFullYear()}\nStatus: ${keywords["$seen"] ? "R" : ""}O\n${unended}X-Status: ${letters}\nX-Keywords: ${words}\n`;
  const out = new Uint8Array(octets.length * 1.2 + head.length + 16);
  out.set(new TextEncoder().encode(head));
  return quoted(octets, out, head.length);
}

function quoted(octets: Uint8Array, room: Uint8Array<ArrayBuffer>, start: number): Uint8Array<ArrayBuffer> {
  let [out, to] = [room, start];
  for (let at = 0; at < octets.length; ) {
    const found = octets.indexOf(LF, at);
    const end = found < 0 ? octets.length : found;
    const line = octets.subarray(at, found > at && octets[found - 1] === CR ? found - 1 : end);
    let quotes = 0;
    while (line[quotes] === 62) quotes++;
    const looks = text(line.subarray(quotes, quotes + 5)) === "From ";
    if (to + line.length + 4 > out.length) out = joined(out, new Uint8Array(out.length));
    if (looks) out[to++] = 62;
    out.set(line, to);
    to += line.length;
    out[to++] = LF;
    at = end + 1;
  }
  out[to++] = LF;
  return out.slice(0, to);
}
