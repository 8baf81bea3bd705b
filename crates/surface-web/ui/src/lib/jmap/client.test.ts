import { afterEach, expect, it, vi } from "vitest";
import { CORE, Jmap, JmapError } from "./client";

const SESSION = {
  capabilities: { [CORE]: { maxCallsInRequest: 2 } },
  apiUrl: "https://elsewhere.test/jmap/api",
  downloadUrl: "https://elsewhere.test/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
};

/** A server that answers each call with its own name, or with an error to `Bad/call`. */
function serve(): { requests: unknown[] } {
  const requests: unknown[] = [];
  vi.stubGlobal("fetch", (address: string, request: RequestInit) => {
    if (address === "/jmap/session") return Promise.resolve(Response.json(SESSION));
    const body = JSON.parse(String(request.body)) as { methodCalls: [string, object, string][] };
    requests.push(body.methodCalls);
    const methodResponses = body.methodCalls.map(([name, args, id]) =>
      name === "Bad/call" ? ["error", { type: "invalidArguments", description: "no" }, id] : [name, { name, args }, id],
    );
    return Promise.resolve(Response.json({ methodResponses }));
  });
  return { requests };
}

const real = globalThis.fetch;
afterEach(() => vi.stubGlobal("fetch", real));

it("sends the calls of one turn together, in parts that the server takes, and refers to what comes before", async () => {
  const { requests } = serve();
  const jmap = new Jmap();
  const query = jmap.call("Email/query", {});
  const get = jmap.call<{ name: string }>("Email/get", { "#ids": jmap.from(query, "/ids") });
  const third = jmap.call<{ name: string }>("Mailbox/get", {});
  expect((await get).name).toBe("Email/get");
  expect((await third).name).toBe("Mailbox/get");
  expect(requests).toEqual([
    [
      ["Email/query", {}, "c0"],
      ["Email/get", { "#ids": { resultOf: "c0", name: "Email/query", path: "/ids" } }, "c1"],
    ],
    [["Mailbox/get", {}, "c2"]],
  ]);
});

it("fails a call that was refused, and no other", async () => {
  serve();
  const jmap = new Jmap();
  const bad = jmap.call("Bad/call", {});
  const good = jmap.call<{ name: string }>("Core/echo", {});
  await expect(bad).rejects.toEqual(new JmapError("invalidArguments", "no"));
  expect((await good).name).toBe("Core/echo");
});

it("writes addresses of blobs without the server's idea of its origin", async () => {
  serve();
  const jmap = new Jmap();
  await jmap.session();
  expect(jmap.download("a", "b/c", "été.pdf", "application/pdf")).toBe(
    "/jmap/download/a/b%2Fc/%C3%A9t%C3%A9.pdf?accept=application%2Fpdf",
  );
});
