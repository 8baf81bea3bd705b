// What is asked for with a session that is too old waits for a new one, and is asked for again.

import { expect, it, vi } from "vitest";
import { connection } from "../connection.svelte";
import { api, ApiError } from "./client";

const problem = (kind: string, next?: string) =>
  new Response(JSON.stringify({ kind, title: "Why", next }), { status: 403, headers: { "content-type": "application/problem+json" } });

it("waits for another sign-on where the gateway says where, and asks again", async () => {
  const answers = [problem("stale", "/login?again=1")];
  const fetched = vi.fn(() => Promise.resolve(answers.shift() ?? Response.json({ writes: true })));
  vi.stubGlobal("fetch", fetched);
  const asked = api.get<{ writes: boolean }>("/api/admin");
  await vi.waitFor(() => expect(connection.ended).toBe(true));
  expect(connection.again).toBe("/login?again=1");
  expect(fetched).toHaveBeenCalledOnce();
  const meanwhile = api.get("/api/me");
  expect(connection.again).toBe("/login?again=1");
  connection.resume();
  await meanwhile;
  expect(await asked).toEqual({ writes: true });
  expect(fetched).toHaveBeenCalledTimes(3);
});

it("says what else is refused at once", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(problem("forbidden")));
  await expect(api.get("/api/admin")).rejects.toSatisfy((error) => error instanceof ApiError && error.kind === "forbidden" && error.title === "Why");
  expect(connection.ended).toBe(false);
});
