import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { JmapError } from "../../../lib/jmap/client";

type Args = Record<string, unknown>;
const { answers, calls } = vi.hoisted(() => ({ answers: new Map<string, ((args: Args) => unknown)[]>(), calls: [] as [string, Args][] }));

vi.mock("../../../lib/jmap/office", () => ({
  jmap: {
    call: async (method: string, args: Args) => {
      calls.push([method, args]);
      const next = answers.get(method)?.shift();
      if (!next) throw new Error(`nothing answers ${method}`);
      return next(args);
    },
  },
  events: {},
}));
vi.mock("../post.svelte", () => ({
  post: { withRole: (_: string, role: string) => ({ id: role }), destroy: async (_: string, ids: string[]) => void calls.push(["destroy", { ids }]), load: async () => undefined },
}));
vi.mock("./identities", () => ({
  identities: async () => [
    { id: "i1", name: "Ada", email: "ada@a.test", textSignature: "Ada", htmlSignature: "", replyTo: null },
    { id: "i2", name: "Desk", email: "desk@a.test", textSignature: "", htmlSignature: "", replyTo: null },
  ],
}));

const { Draft } = await import("./draft.svelte");
const { composer } = await import("./composer.svelte");

const file = (blobId: string, facts: Args = {}) => ({
  partId: "2", blobId, size: 4, name: "plan.txt", type: "text/plain", charset: null, disposition: "attachment", cid: null, ...facts,
});
const on = (method: string, ...next: ((args: Args) => unknown)[]) => answers.set(method, next);
const made = (id: string) => () => ({ created: { draft: { id } } });
const done = () => ({ notDestroyed: null });
const named = (method: string) => calls.filter(([it]) => it === method).map(([, args]) => args);

async function draft(beginning: Args = {}) {
  const it = new Draft("a", { to: [{ name: null, email: "bob@b.test" }], html: "<div>Bonjour</div>", draft: "d1", attachments: [file("b1")], ...beginning });
  await it.begin();
  it.ready = true;
  return it;
}

beforeEach(() => {
  vi.useFakeTimers();
  calls.length = 0;
  answers.clear();
  composer.draft = null;
});
afterEach(() => vi.useRealTimers());

it("destroys the older copy only once the new one is there and its files are known", async () => {
  const it = await draft();
  it.touch();
  on("Email/set", made("d2"), done);
  on("Email/get", () => ({ list: [{ id: "d2", attachments: [file("b2")] }] }));
  expect(await it.save()).toBe(true);
  expect(named("Email/set").map(({ create, destroy }) => [create !== undefined, destroy])).toEqual([[true, undefined], [false, ["d1"]]]);
  expect(it.attached[0]?.blobId).toBe("b2");
});

it("keeps the copy that has the files until they are known in a newer one", async () => {
  const it = await draft();
  it.touch();
  on("Email/set", made("d2"), made("d3"), done, made("d4"), done);
  on("Email/get", () => { throw new JmapError("offline"); }, () => ({ list: [] }), () => ({ list: [{ id: "d4", attachments: [file("b4")] }] }));
  await it.save();
  expect(it.attached[0]?.blobId).toBe("b1");
  it.touch();
  await it.save();
  it.touch();
  await it.save();
  expect(named("Email/set").flatMap(({ destroy }) => (destroy ? [destroy] : []))).toEqual([["d2"], ["d1", "d3"]]);
});

it.each([
  ["a refusal", () => ({ notCreated: { draft: { type: "overQuota" } } })],
  ["no store", () => { throw new JmapError("offline"); }],
  ["an answer that is none", () => { throw new SyntaxError("no JSON"); }],
])("destroys nothing after %s, and tries again", async (_, answer) => {
  const it = await draft({ attachments: [] });
  it.touch();
  on("Email/set", answer, made("d2"), done);
  expect(await it.save()).toBe(false);
  expect([it.state, it.unkept, calls.length]).toEqual(["failed", true, 1]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([it.state, it.unkept]).toEqual(["saved", false]);
});

it("tells a file that is gone, and leaves the copy that has it", async () => {
  const it = await draft();
  it.touch();
  on("Email/set", () => ({ notCreated: { draft: { type: "blobNotFound", notFound: ["b1"] } } }), made("d2"));
  expect(await it.save()).toBe(false);
  expect([it.attached[0]?.failed, it.problem !== ""]).toEqual([true, true]);
  expect(await it.save()).toBe(true);
  expect(named("Email/set").some(({ destroy }) => destroy)).toBe(false);
});

it("lists what only has a Content-ID, and drops a picture that was taken out", async () => {
  const picture = file("b2", { name: "p.png", type: "image/png", cid: "<p@x>" });
  const it = await draft({ html: '<img src="cid:p@x">', attachments: [file("b1", { cid: "<f_1>" }), picture] });
  expect(it.attached.map((one) => one.shown)).toEqual([false, true]);
  it.html = () => "<div>none</div>";
  it.touch();
  on("Email/set", made("d2"), done);
  on("Email/get", () => ({ list: [{ id: "d2", attachments: [file("b3", { cid: "f_1" })] }] }));
  await it.save();
  const { create } = named("Email/set")[0] as { create: { draft: { attachments: Args[] } } };
  expect(create.draft.attachments.map(({ blobId, disposition }) => [blobId, disposition])).toEqual([["b1", "attachment"]]);
});

it("keeps nothing and sends nothing before its text stands", async () => {
  const it = await draft();
  it.ready = false;
  it.touch();
  await it.send();
  expect([await it.save(), calls]).toEqual([false, []]);
});

it("stays open and asks while something is not kept", async () => {
  const it = await draft();
  composer.draft = it;
  it.touch();
  on("Email/set", () => { throw new JmapError("offline"); });
  expect([await it.leave(), it.asking, composer.draft === it]).toEqual([false, true, true]);
  it.abandon();
  expect(composer.draft).toBeNull();
});

it("is sent once, and closes no other", async () => {
  const it = await draft();
  composer.draft = it;
  await Promise.all([it.send(), it.send()]);
  await it.send();
  const other = await draft({ draft: undefined });
  expect(await it.leave()).toBe(true);
  composer.draft = other;
  on("EmailSubmission/set", () => ({ created: { sent: { id: "s" } } }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([named("EmailSubmission/set").length, composer.draft === other]).toEqual([1, true]);
});

it("does not say that it was not sent when that is not known, and destroys nothing then", async () => {
  const it = await draft({ attachments: [] });
  composer.draft = it;
  await it.send();
  on("EmailSubmission/set", () => { throw new JmapError("offline"); });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([it.hidden, it.problem]).toEqual([false, expect.stringMatching(/sent-unknown|not known/)]);
  it.touch();
  on("Email/set", made("d2"));
  await it.save();
  expect(named("Email/set").some(({ destroy }) => destroy)).toBe(false);
});

it("is not written back once it is discarded", async () => {
  const it = await draft();
  it.touch();
  await it.discard();
  it.touch();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toEqual([["destroy", { ids: ["d1"] }]]);
});

it("stays from whom it was, and has its signature once", async () => {
  const [old, fresh] = [await draft({ from: [{ name: "Desk", email: "DESK@a.test" }] }), await draft({ draft: undefined })];
  expect([old.identity, old.signature, fresh.identity, fresh.signature]).toEqual(["i2", "", "i1", "<div>Ada</div>"]);
});
