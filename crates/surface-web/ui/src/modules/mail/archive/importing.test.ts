// What becomes of a lot of which the store takes a part, and of the try after it.

import { beforeEach, expect, it, vi } from "vitest";

type Args = { emails: Record<string, { blobId: string }> };
const { imports, answers } = vi.hoisted(() => ({ imports: [] as string[][], answers: [] as ((args: Args) => unknown)[] }));

vi.mock("../../../lib/jmap/office", () => ({
  jmap: {
    session: async () => ({ capabilities: {} }),
    upload: async (_: string, content: Blob) => ({ blobId: /Subject: (\w+)/.exec(await content.text())?.[1] ?? "" }),
    call: async (method: string, args: Args) => {
      if (method !== "Email/import") return { ids: [] };
      imports.push(Object.values(args.emails).map((it) => it.blobId));
      return answers.shift()?.(args);
    },
  },
}));

const { ImportRun } = await import("./importing.svelte");

/** An mbox of messages without a Message-ID: only the run itself knows which are there. */
const mbox = (...names: string[]) => new File(names.map((it) => `From a@b Thu Nov 26 21:05:00 2026\nSubject: ${it}\n\nx\n\n`), "some.mbox");
const run = (file: File) => new ImportRun([file], "a", { id: "m", name: "M" }, () => undefined);
/** Takes all but those that are refused, by what they are refused with. */
const takes = (refused: Record<string, string> = {}) => ({ emails }: Args) => {
  const all = Object.entries(emails).map(([key, it]) => [key, refused[it.blobId]] as const);
  return {
    created: Object.fromEntries(all.flatMap(([key, type]) => (type ? [] : [[key, { id: key }]]))),
    notCreated: Object.fromEntries(all.flatMap(([key, type]) => (type ? [[key, { type }]] : []))),
  };
};

beforeEach(() => {
  imports.length = 0;
  answers.length = 0;
});

it.each(["overQuota", "serverFail", "serverUnavailable"])("settles all that was answered before it stops at %s", async (type) => {
  const it = run(mbox("one", "two", "three", "four", "five"));
  answers.push(takes({ two: type, four: "invalidEmail", five: type }), takes());
  await it.go();
  expect([it.state, it.imported, it.faultCount]).toEqual(["away", 2, 1]);
  await it.go();
  expect([it.state, it.imported, it.faultCount]).toEqual(["done", 4, 1]);
  expect(imports).toEqual([["one", "two", "three", "four", "five"], ["two", "five"]]);
});

it("sends no lot after the one that a full store refused", async () => {
  const it = run(mbox(...Array.from({ length: 12 }, (_, at) => `n${at}`)));
  answers.push(takes({ n0: "overQuota" }));
  await it.go();
  expect([it.state, it.imported, imports.length]).toEqual(["away", 9, 1]);
});
