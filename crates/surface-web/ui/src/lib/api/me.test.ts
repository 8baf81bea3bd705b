// Whose session it is after one has signed on again.

import { expect, it, vi } from "vitest";
import { connection } from "../connection.svelte";
import { dav } from "../dav/client";
import { person } from "./me.svelte";

let login = "u1";
let token = "first";
let status = 200;
vi.stubGlobal("fetch", () => Promise.resolve(status === 200 ? Response.json({ login, formToken: token }) : new Response(null, { status })));

it("asks again for what a form carries", async () => {
  expect((await person.load()).formToken).toBe("first");
  token = "second";
  expect((await person.load()).formToken).toBe("first");
  expect((await person.renew()).formToken).toBe("second");
});

it("goes on for the same person only, with the new token", async () => {
  token = "third";
  expect(await person.resumed()).toBe("same");
  expect(person.me?.formToken).toBe("third");
  status = 401;
  expect(await person.resumed()).toBe(null);
  status = 200;
  login = "u2";
  expect(await person.resumed()).toBe("another");
  expect(person.me?.login).toBe("u1");
});

it("sends nothing while nobody is signed on", async () => {
  void connection.signedOn();
  const fetched = vi.fn(() => Promise.resolve(new Response(null, { status: 204 })));
  vi.stubGlobal("fetch", fetched);
  const done = dav("DELETE", "/dav/files/u1/a");
  await Promise.resolve();
  expect(fetched).not.toHaveBeenCalled();
  connection.resume();
  await done;
  expect(fetched).toHaveBeenCalledOnce();
});
