import { describe, expect, it } from "vitest";
import { Zip, ZipError, type Fault } from "./read";

interface Made {
  name: string;
  text?: string;
  /** What the directory says instead. */
  size?: number;
  packed?: number;
  at?: number;
  flags?: number;
  method?: number;
  checksum?: number;
  isLong?: boolean;
}

function crc(octets: Uint8Array): number {
  let sum = 0xffffffff;
  for (const octet of octets) {
    sum ^= octet;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

const u16 = (value: number) => [value & 255, (value >> 8) & 255];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
const u64 = (value: number) => [...u32(value >>> 0), ...u32(Math.floor(value / 2 ** 32))];

/** An archive as the gateway writes it: stored blocks of DEFLATE, sizes behind the content, ZIP64 where a size is not known before. */
function archive(members: readonly Made[], isLongEnd = false, comment = ""): Blob {
  const out: number[] = [];
  const directory: number[] = [];
  for (const it of members) {
    const name = [...new TextEncoder().encode(it.name)];
    const content = new TextEncoder().encode(it.text ?? "");
    const isFolder = it.name.endsWith("/");
    const blocks = isFolder ? [] : [0, ...u16(content.length), ...u16(~content.length & 0xffff), ...content, 1, 0, 0, 255, 255];
    const [method, flags] = [it.method ?? (isFolder ? 0 : 8), it.flags ?? (isFolder ? 0x800 : 0x808)];
    const at = out.length;
    const moment = [0x55, 0x54, 5, 0, 1, ...u32(1_795_478_400)];
    const head = it.isLong ? [1, 0, 16, 0, ...u64(0), ...u64(0)] : [];
    const sizes = it.isLong ? 0xffffffff : 0;
    out.push(...u32(0x04034b50), ...u16(45), ...u16(flags), ...u16(method), 0, 0, 0, 0, ...u32(0), ...u32(sizes), ...u32(sizes), ...u16(name.length), ...u16(moment.length + head.length), ...name, ...moment, ...head, ...blocks);
    const [size, packed] = [it.size ?? content.length, it.packed ?? blocks.length];
    const checksum = it.checksum ?? crc(content);
    if (!isFolder) out.push(...u32(0x08074b50), ...u32(checksum), ...(it.isLong ? [...u64(packed), ...u64(size)] : [...u32(packed), ...u32(size)]));
    const extra = [...moment, ...(it.isLong ? [1, 0, 16, 0, ...u64(size), ...u64(packed)] : [])];
    directory.push(...u32(0x02014b50), ...u16(0x32d), ...u16(45), ...u16(flags), ...u16(method), 0, 0, 0, 0, ...u32(checksum));
    directory.push(...u32(it.isLong ? 0xffffffff : packed), ...u32(it.isLong ? 0xffffffff : size), ...u16(name.length), ...u16(extra.length), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...u32(it.at ?? at), ...name, ...extra);
  }
  const at = out.length;
  out.push(...directory);
  const end = out.length;
  if (isLongEnd) {
    out.push(...u32(0x06064b50), ...u64(44), ...u16(0x32d), ...u16(45), ...u32(0), ...u32(0), ...[members.length, members.length, directory.length, at].flatMap(u64));
    out.push(...u32(0x07064b50), ...u32(0), ...u64(end), ...u32(1));
  }
  const count = isLongEnd ? 0xffff : members.length;
  out.push(...u32(0x06054b50), 0, 0, 0, 0, ...u16(count), ...u16(count), ...u32(directory.length), ...u32(isLongEnd ? 0xffffffff : at), ...u16(comment.length), ...new TextEncoder().encode(comment));
  return new Blob([Uint8Array.from(out)]);
}

async function refused(file: Blob): Promise<Fault | "read"> {
  try {
    const zip = await Zip.open(file);
    for (const member of zip.members) if (!member.isFolder) await zip.content(member);
    return "read";
  } catch (error) {
    if (error instanceof ZipError) return error.fault;
    throw error;
  }
}

describe("an archive of the gateway's", () => {
  const members = [{ name: "a.txt", text: "été" }, { name: "files/" }, { name: "files/محاضرة.txt", text: "x".repeat(5000) }, { name: "mail/INBOX.mbox", text: "From x", isLong: true }, { name: "empty", text: "" }];
  it.each([false, true])("is read whole, long end: %s", async (isLong) => {
    const zip = await Zip.open(archive(members, isLong, isLong ? "" : "a comment"));
    expect(zip.members.map((it) => [it.name, it.isFolder])).toEqual([["a.txt", false], ["files", true], ["files/محاضرة.txt", false], ["mail/INBOX.mbox", false], ["empty", false]]);
    for (const [at, member] of zip.members.entries()) if (!member.isFolder) expect(await (await zip.content(member)).text()).toBe(members[at]?.text);
    expect(zip.members[0]?.modified).toBe(1_795_478_400_000);
  });
});

describe("a hostile archive is refused", () => {
  const good = { name: "a", text: "text" };
  it.each<[string, Made[], Fault]>([
    ["a way out", [{ name: "../a" }], "name"],
    ["a way out below", [{ name: "files/../../a" }], "name"],
    ["from the root", [{ name: "/etc/passwd" }], "name"],
    ["a drive", [{ name: "C:a" }], "name"],
    ["another separator", [{ name: "a\\b" }], "name"],
    ["a control character", [{ name: "a\nb" }], "name"],
    ["nothing", [{ name: "" }], "name"],
    ["twice", [good, good], "name"],
    ["a file that is a folder", [good, { name: "a/b", text: "x" }], "name"],
    ["a file and a folder", [good, { name: "a/" }], "name"],
    ["out of range", [{ ...good, at: 1_000_000 }], "broken"],
    ["packed longer than the archive", [{ ...good, packed: 1_000_000 }], "broken"],
    ["on each other", [good, { name: "b", text: "text", at: 0 }], "broken"],
    ["into each other", [{ ...good, packed: 80 }, { name: "b", text: "text" }], "broken"],
    ["longer than was said", [{ ...good, size: 3 }], "broken"],
    ["shorter than was said", [{ ...good, size: 5 }], "broken"],
    ["a bomb", [{ ...good, size: 1_000_000_000 }], "broken"],
    ["another checksum", [{ ...good, checksum: 1 }], "broken"],
    ["another's header", [{ ...good, at: 3 }], "broken"],
    ["encrypted", [{ ...good, flags: 0x809 }], "kind"],
    ["packed another way", [{ ...good, method: 12 }], "kind"],
  ])("%s", async (_, members, fault) => expect(await refused(archive(members))).toBe(fault));

  it("is cut, or none at all", async () => {
    const whole = archive([good]);
    expect(await refused(whole)).toBe("read");
    for (let length = 0; length < whole.size; length++) expect(await refused(whole.slice(0, length))).toBe("none");
    expect(await refused(whole.slice(1))).toBe("broken");
    expect(await refused(new Blob(["no archive"]))).toBe("none");
  });

  it("never harms by an octet that is another", async () => {
    const octets = new Uint8Array(await archive([good, { name: "b", text: "more", isLong: true }], true).arrayBuffer());
    for (let at = 0; at < octets.length; at++) {
      const other = octets.slice();
      other[at] = (other[at] ?? 0) ^ 0xff;
      expect(["read", "none", "broken", "name", "kind", "large"]).toContain(await refused(new Blob([other])));
    }
  });
});
