import { expect, it } from "vitest";
import { isMbox, split, whole, written, type Piece } from "./mbox";

const octets = (text: string) => new TextEncoder().encode(text);
async function all(file: Blob, most = 1_000_000): Promise<(Piece & { text: string })[]> {
  const found = [];
  for await (const piece of split(file, most)) found.push({ ...piece, text: await piece.content.text() });
  return found;
}

const HEAD = "From MAILER-DAEMON Thu Nov 26 21:05:00 2026\n";

it("takes a file apart, and reads what is marked", async () => {
  const file = new Blob([
    `${HEAD}Status: RO\nX-Status: AF\nX-Keywords: $Junk été\nSubject: one\nMessage-ID:\n <a@b>\n\ntext\n>From here\n>>From there\nFrom nobody in particular\n\n`,
    "From x@y Fri Nov 27 01:02:03 2026\nSubject: two\nDate: Fri, 20 Nov 2026 09:00:00 +0100 (CET)\n\nFrom me at 12:30, 2026 is far\n",
  ]);
  expect(await isMbox(file)).toBe(true);
  const [one, two, ...more] = await all(file);
  expect(more).toEqual([]);
  expect(one?.text).toBe("Subject: one\nMessage-ID:\n <a@b>\n\ntext\nFrom here\n>From there\nFrom nobody in particular\n");
  expect(one).toMatchObject({ number: 1, messageId: "<a@b>", receivedAt: "2026-11-26T21:05:00Z", keywords: { $seen: true, $answered: true, $flagged: true, $junk: true } });
  expect(two).toMatchObject({ number: 2, messageId: "", receivedAt: "2026-11-27T01:02:03Z", keywords: { $seen: true }, end: file.size });
});

it("needs an empty line before a separator, and a time in it", async () => {
  const file = new Blob([`${HEAD}A: b\n\nx\nFrom a@b Thu Nov 26 21:05:00 2026\n\nFrom the heart\ny\n`]);
  expect((await all(file)).map((it) => it.text)).toEqual(["A: b\n\nx\nFrom a@b Thu Nov 26 21:05:00 2026\n\nFrom the heart\ny\n"]);
});

it("begins a message with the first line, whatever stands in it, and drops no line after it", async () => {
  const text = "Subject: one\nDate: Fri, 20 Nov 2026 09:00:00 +0100\n\nx\n\nFrom a@b 2026-11-26 21:05\ny\n";
  for (const first of ["From a@b 2026-11-26 21:05\n", "From a@b 26 Nov 2026\r\n", "From \n", "From here 1999\n"]) {
    const file = new Blob([first, text, "\n", HEAD, "Subject: two\n\nz\n"]);
    expect(await isMbox(file)).toBe(true);
    const [one, two, ...more] = await all(file);
    expect(more).toEqual([]);
    // What is no separator tells no moment either.
    expect(one, first).toMatchObject({ number: 1, text, receivedAt: "2026-11-20T08:00:00Z" });
    expect(two, first).toMatchObject({ number: 2, text: "Subject: two\n\nz\n", receivedAt: "2026-11-26T21:05:00Z" });
  }
});

it("finds messages wherever slices are cut, and holds none that is too large", async () => {
  const long = `A: b\n\n${"0123456789abcdef\n".repeat(40_000)}`;
  for (const shift of [0, 1, 7, 16, 30, 45]) {
    const start = `X: ${"y".repeat(shift)}\n\n`;
    const file = new Blob([HEAD, start, "\n", HEAD, long, "\n", HEAD, "C: d\n\nlast\n\n"]);
    const found = await all(file);
    expect(found.map((it) => it.text)).toEqual([start, long, "C: d\n\nlast\n"]);
    const bounded = await all(file, 1_000);
    expect(bounded.map((it) => [it.isTooLarge, it.text.length])).toEqual([[false, start.length], [true, 0], [false, 11]]);
  }
});

it("takes a file of one message as it is", async () => {
  const file = new Blob(["Message-Id: <x@y>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\n\r\ntext"]);
  expect(await isMbox(file)).toBe(false);
  expect(await whole(file, 1_000)).toMatchObject({ messageId: "<x@y>", receivedAt: "2026-11-20T08:00:00Z", keywords: { $seen: true }, isTooLarge: false });
  expect((await whole(file, 10)).isTooLarge).toBe(true);
});

it("writes what it reads back", async () => {
  const message = octets("Subject: x\r\n\r\nFrom here\r\n>From there\r\n\u00e9\r\n\r\n");
  const file = new Blob([
    written(message, { receivedAt: "2026-11-06T21:05:09Z", keywords: { $seen: true, $flagged: true, work: true, $draft: false } }),
    written(octets("A: b\r\n\r\nno end"), { receivedAt: "2026-01-01T00:00:00Z", keywords: {} }),
  ]);
  const text = await file.text();
  expect(text.startsWith("From MAILER-DAEMON Fri Nov  6 21:05:09 2026\nStatus: RO\nX-Status: F\nX-Keywords: work\nSubject: x\n\n>From here\n>>From there\n\u00e9\n\n\nFrom ")).toBe(true);
  expect(text).toContain("Status: O\nX-No-Final-Newline: yes\nX-Status: \nX-Keywords: \nA: b\n\nno end\n\n");
  const [one, two] = await all(file);
  expect(one?.text).toBe("Subject: x\n\nFrom here\n>From there\n\u00e9\n\n");
  expect(one?.keywords).toEqual({ $seen: true, $flagged: true, work: true });
  expect(two?.keywords).toEqual({});
});

it("ends a message where it ended", async () => {
  const file = new Blob([`${HEAD}X-No-Final-Newline: yes\nA: b\n\nin the middle\n\n`, `${HEAD}X-No-Final-Newline: yes\nC: d\n\nlast\n\n`]);
  expect((await all(file)).map((it) => it.text)).toEqual(["A: b\n\nin the middle", "C: d\n\nlast"]);
});
