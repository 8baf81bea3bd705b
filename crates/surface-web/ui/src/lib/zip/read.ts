// ZIP archives (PKWARE's APPNOTE.TXT 6.3.10) read from a file, by the directory at their end: only what is asked for is read, in slices.
//
// An archive comes from anywhere: what is out of its range, lies over something else, leads out of the folder or is not as long as was
// said is refused before anything of it is used.

export type Fault = "none" | "broken" | "name" | "kind" | "large";

/** Why an archive is refused. */
export class ZipError extends Error {
  constructor(
    readonly fault: Fault,
    what: string,
  ) {
    super(`${fault}: ${what}`);
  }
}

export interface Member {
  /** Its names joined by "/", none of which leads elsewhere; a folder's has no slash at its end. */
  name: string;
  isFolder: boolean;
  /** In octets, unpacked. */
  size: number;
  /** When it was changed, in milliseconds since 1970; `null` where that is not told. */
  modified: number | null;
}

interface Place {
  method: number;
  packed: number;
  checksum: number;
  at: number;
  /** Where the next member, or the directory, begins. */
  next: number;
  rawName: Uint8Array;
}

/** Most members, and octets of the directory: a few times what the gateway writes. */
const MOST_MEMBERS = 200_000;
const LARGEST_DIRECTORY = 64 * 1024 * 1024;
const LONGEST_NAME = 8 * 1024;
const END = 22;
const LONGEST_COMMENT = 65_535;
/** What DEFLATE makes at most of an octet. */
const MOST_OF_ONE = 1032;
const ELSEWHERE = 0xffff_ffff;

export class Zip {
  #places = new Map<Member, Place>();

  private constructor(
    private readonly file: Blob,
    readonly members: readonly Member[],
  ) {}

  /** Reads the directory. */
  static async open(file: Blob): Promise<Zip> {
    const end = await endOf(file);
    if (end.count > MOST_MEMBERS || end.length > LARGEST_DIRECTORY) throw new ZipError("large", "the directory");
    const directory = view(await octets(file, end.at, end.length));
    const found: [Member, Place][] = [];
    let at = 0;
    for (let number = 0; number < end.count; number++) {
      const entry = line(directory, at, end.at);
      found.push([entry.member, entry.place]);
      at = entry.next;
    }
    if (at !== directory.byteLength) throw new ZipError("broken", "the directory's length");
    checkNames(found.map(([member]) => member));
    // Each ends before the next begins.
    const inOrder = found.map(([, place]) => place).sort((one, other) => one.at - other.at);
    for (const [index, place] of inOrder.entries()) {
      place.next = inOrder[index + 1]?.at ?? end.at;
      if (place.at + 30 + place.rawName.length + place.packed > place.next) throw new ZipError("broken", "members that overlap");
    }
    const zip = new Zip(file, found.map(([member]) => member));
    zip.#places = new Map(found);
    return zip;
  }

  /** A file of it, as long as it was said to be and with its checksum. */
  async content(member: Member): Promise<Blob> {
    const place = this.#places.get(member);
    if (!place) throw new ZipError("broken", "no member of this archive");
    const header = view(await octets(this.file, place.at, 30));
    if (header.getUint32(0, true) !== 0x0403_4b50 || header.getUint16(8, true) !== place.method) throw new ZipError("broken", "a header");
    const length = header.getUint16(26, true);
    const start = place.at + 30 + length + header.getUint16(28, true);
    const name = new Uint8Array(await octets(this.file, place.at + 30, length));
    if (name.length !== place.rawName.length || name.some((octet, index) => octet !== place.rawName[index])) throw new ZipError("broken", "two names of a member");
    if (start + place.packed > place.next) throw new ZipError("broken", "a content that is out of its place");
    const packed = this.file.slice(start, start + place.packed);
    const stream = place.method === 0 ? packed.stream() : packed.stream().pipeThrough(new DecompressionStream("deflate-raw"));
    try {
      return await new Response(stream.pipeThrough(checked(member.size, place.checksum))).blob();
    } catch (error) {
      if (error instanceof ZipError) throw error;
      throw new ZipError("broken", `${member.name}: ${String(error)}`);
    }
  }
}

/** Where the directory is (§4.3.16, and §4.3.14 where numbers are long). */
async function endOf(file: Blob): Promise<{ count: number; length: number; at: number }> {
  const from = Math.max(0, file.size - END - LONGEST_COMMENT);
  const tail = view(await octets(file, from, file.size - from));
  let place = tail.byteLength - END;
  while (place >= 0 && !(tail.getUint32(place, true) === 0x0605_4b50 && tail.getUint16(place + 20, true) === tail.byteLength - place - END)) place--;
  if (place < 0) throw new ZipError("none", "no end of an archive");
  const disks = tail.getUint32(place + 4, true);
  let [count, length, at, before] = [tail.getUint16(place + 10, true), tail.getUint32(place + 12, true), tail.getUint32(place + 16, true), from + place];
  if (disks !== 0 || tail.getUint16(place + 8, true) !== count) throw new ZipError("kind", "an archive of several disks");
  if (count === 0xffff || length === ELSEWHERE || at === ELSEWHERE) {
    const locator = view(await octets(file, before - 20, 20));
    if (locator.getUint32(0, true) !== 0x0706_4b50 || locator.getUint32(4, true) !== 0) throw new ZipError("broken", "the end's place");
    before = number(locator, 8);
    const long = view(await octets(file, before, 56));
    if (long.getUint32(0, true) !== 0x0606_4b50 || long.getUint32(16, true) !== 0 || long.getUint32(20, true) !== 0) throw new ZipError("broken", "the long end");
    [count, length, at] = [number(long, 32), number(long, 40), number(long, 48)];
  }
  if (at + length > before) throw new ZipError("broken", "a directory behind its end");
  return { count, length, at };
}

/** A line of the directory (§4.3.12). */
function line(directory: DataView, at: number, end: number): { member: Member; place: Place; next: number } {
  if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== 0x0201_4b50) throw new ZipError("broken", "a line of the directory");
  const flags = directory.getUint16(at + 8, true);
  const method = directory.getUint16(at + 10, true);
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((it) => directory.getUint16(at + it, true)) as [number, number, number];
  const next = at + 46 + nameLength + extraLength + commentLength;
  if (next > directory.byteLength) throw new ZipError("broken", "a line of the directory");
  if ((flags & 0x2041) !== 0) throw new ZipError("kind", "a member that is encrypted");
  if (method !== 0 && method !== 8) throw new ZipError("kind", "a member that is packed another way");
  const rawName = new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength);
  let packed = directory.getUint32(at + 20, true);
  let size = directory.getUint32(at + 24, true);
  let offset = directory.getUint32(at + 42, true);
  let modified: number | null = null;
  for (const [id, field] of fields(directory, at + 46 + nameLength, extraLength)) {
    if (id === 0x5455 && field.byteLength >= 5 && (field.getUint8(0) & 1) === 1) modified = field.getInt32(1, true) * 1000;
    if (id !== 1) continue;
    // §4.5.3: only those that are elsewhere, in this order.
    let taken = 0;
    const long = () => number(field, (taken += 8) - 8);
    if (size === ELSEWHERE) size = long();
    if (packed === ELSEWHERE) packed = long();
    if (offset === ELSEWHERE) offset = long();
  }
  if (offset + 30 + nameLength + packed > end) throw new ZipError("broken", "a member out of the archive");
  if (method === 0 ? size !== packed : size > packed * MOST_OF_ONE) throw new ZipError("broken", "a member's size");
  const said = nameOf(rawName);
  const isFolder = said.endsWith("/");
  if (isFolder && size !== 0) throw new ZipError("broken", "a folder with a content");
  const member = { name: isFolder ? said.slice(0, -1) : said, isFolder, size, modified };
  return { member, place: { method, packed, checksum: directory.getUint32(at + 16, true), at: offset, next: end, rawName }, next };
}

function* fields(directory: DataView, from: number, length: number): Generator<[number, DataView]> {
  for (let at = from; at + 4 <= from + length; ) {
    const size = directory.getUint16(at + 2, true);
    if (at + 4 + size > from + length) throw new ZipError("broken", "a field of the directory");
    yield [directory.getUint16(at, true), new DataView(directory.buffer, directory.byteOffset + at + 4, size)];
    at += 4 + size;
  }
}

function nameOf(octets: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    throw new ZipError("name", "not UTF-8");
  }
}

/** No name leads elsewhere, none is there twice, and what is a file is no folder too. */
function checkNames(members: readonly Member[]): void {
  const kinds = new Map<string, boolean>();
  for (const { name, isFolder } of members) {
    const isOdd = (part: string) => part === "" || part === "." || part === ".." || /[\\:\p{Cc}]/u.test(part);
    if (name.length > LONGEST_NAME || name.split("/").some(isOdd)) throw new ZipError("name", JSON.stringify(name.slice(0, 80)));
    if (kinds.has(name)) throw new ZipError("name", `twice: ${name.slice(0, 80)}`);
    kinds.set(name, isFolder);
  }
  for (const { name } of members)
    for (let cut = name.lastIndexOf("/"); cut > 0; cut = name.lastIndexOf("/", cut - 1))
      if (kinds.get(name.slice(0, cut)) === false) throw new ZipError("name", `in a file: ${name.slice(0, 80)}`);
}

/** Passes a content on that is as it was said to be; one that is longer ends at once. */
function checked(size: number, checksum: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let seen = 0;
  let sum = 0xffff_ffff;
  return new TransformStream({
    transform(piece, controller) {
      seen += piece.length;
      if (seen > size) throw new ZipError("broken", "a content that is too long");
      for (const octet of piece) sum = (TABLE[(sum ^ octet) & 0xff] ?? 0) ^ (sum >>> 8);
      controller.enqueue(piece);
    },
    flush() {
      if (seen !== size || (sum ^ 0xffff_ffff) >>> 0 !== checksum) throw new ZipError("broken", "a content that is not what was packed");
    },
  });
}

/** Of CRC-32 (ISO 3309). */
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value;
});

async function octets(file: Blob, at: number, length: number): Promise<ArrayBuffer> {
  if (at < 0 || at + length > file.size) throw new ZipError("broken", "out of the archive");
  return file.slice(at, at + length).arrayBuffer();
}

const view = (buffer: ArrayBuffer): DataView => new DataView(buffer);

/** A number of 64 bits; what is beyond what can be counted exactly is in no file. */
function number(of: DataView, at: number): number {
  if (at + 8 > of.byteLength) throw new ZipError("broken", "a number");
  const value = of.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipError("broken", "a number");
  return Number(value);
}
