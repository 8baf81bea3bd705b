// A selection that goes out is whole, or does not go out.

import { beforeEach, expect, it, vi } from "vitest";

const { found, shown, saved } = vi.hoisted(() => ({ found: [] as string[], shown: [] as string[], saved: [] as string[] }));

vi.mock("../../../lib/jmap/office", () => ({
  jmap: {
    call: async () => ({ list: found.map((id) => ({ id, blobId: id, size: 9, keywords: {}, receivedAt: "2026-11-26T21:05:00Z" })), notFound: [] }),
    download: (_: string, blob: string) => blob,
  },
}));
vi.mock("../../../lib/i18n.svelte", () => ({ t: (id: string) => id }));
vi.mock("../../../lib/toasts.svelte", () => ({ toasts: { show: (text: string) => void shown.push(text) } }));
vi.mock("../post.svelte", () => ({ post: {} }));
vi.mock("../format", () => ({ nameOfMailbox: () => "" }));

const { archive } = await import("./archive.svelte");

vi.stubGlobal("fetch", async () => new Response("A: b\n\nx\n"));
vi.stubGlobal("document", { createElement: () => ({ click: () => void saved.push("file") }) });

beforeEach(() => {
  vi.useFakeTimers();
  for (const it of [found, shown, saved]) it.length = 0;
});

it("exports what was selected", async () => {
  found.push("b", "a");
  await archive.selection("acc", new Set(["a", "b"]));
  expect([shown, saved]).toEqual([[], ["file"]]);
});

it("refuses with words where a message is no longer there", async () => {
  for (const there of [[], ["a"], ["a", "c"]]) {
    found.splice(0, Infinity, ...there);
    await archive.selection("acc", new Set(["a", "b"]));
  }
  expect([shown, saved]).toEqual([["mail-export-gone", "mail-export-gone", "mail-export-gone"], []]);
});
