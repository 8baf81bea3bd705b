import { afterEach, expect, it, vi } from "vitest";
import { LARGEST_WHOLE, piece } from "./ranges";

const signal = new AbortController().signal;
const asked: Request[] = [];

function answers(status: number, body: BodyInit | null, headers: Record<string, string> = {}): void {
  asked.length = 0;
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    asked.push(new Request(new URL(path, "https://a.test"), { headers: request.headers ?? {} }));
    return Promise.resolve(new Response(body, { status, headers }));
  });
}
afterEach(() => vi.unstubAllGlobals());

it("asks for what it wants of the file that it knows", async () => {
  answers(206, "cd", { "content-range": "bytes 2-3/9", etag: '"v1"' });
  const got = await piece("/dav/x", 2, 4, '"v1"', signal);
  expect([new TextDecoder().decode(got.octets), got.whole, got.etag]).toEqual(["cd", 9, '"v1"']);
  expect([asked[0]?.headers.get("range"), asked[0]?.headers.get("if-match")]).toEqual(["bytes=2-3", '"v1"']);
});

it("takes all of it where there are no pieces", async () => {
  answers(200, "abcdef");
  expect(await piece("/dav/x", 0, 4, "", signal)).toMatchObject({ whole: 6, etag: "" });
  expect(asked[0]?.headers.has("if-match")).toBe(false);
});

it("says why it has nothing", async () => {
  for (const [status, why] of [[404, "gone"], [403, "gone"], [412, "changed"], [416, "broken"], [503, "away"]] as const) {
    answers(status, "x");
    await expect(piece("/dav/x", 0, 4, "", signal), String(status)).rejects.toMatchObject({ why });
  }
  answers(206, "x", { "content-range": "bytes 5-5/9" });
  await expect(piece("/dav/x", 0, 4, "", signal)).rejects.toMatchObject({ why: "broken" });
  answers(206, "far too much", { "content-range": "bytes 0-3/9" });
  await expect(piece("/dav/x", 0, 4, "", signal)).rejects.toMatchObject({ why: "large" });
  const huge = new ReadableStream({ pull: (it) => it.enqueue(new Uint8Array(LARGEST_WHOLE / 4 + 1)) });
  answers(200, huge);
  await expect(piece("/dav/x", 0, 4, "", signal)).rejects.toMatchObject({ why: "large" });
});
