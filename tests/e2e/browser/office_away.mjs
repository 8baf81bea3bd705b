// A start without a network, and a store that is away while one writes: the office starts and says so, and nothing that was typed is lost.

import { connect, createServer } from "node:net";
import { given, round } from "./office_round.mjs";

const [login, way, store] = given;

/** The way to the store, which can be shut. */
const open = new Set();
let isShut = false;
const server = createServer((client) => {
  if (isShut) return client.destroy();
  const upstream = connect(Number(store), "127.0.0.1");
  for (const [one, other] of [[client, upstream], [upstream, client]]) {
    open.add(one);
    one.on("close", () => (open.delete(one), other.destroy()));
    one.on("error", () => other.destroy());
    one.pipe(other);
  }
});
await new Promise((resolve) => server.listen(Number(way), "127.0.0.1", resolve));
function shut(is) {
  isShut = is;
  if (is) for (const one of open) one.destroy();
}

await round(async (window) => {
  const { page, context } = window;
  const patient = { timeout: 40_000 };
  shut(false);
  await window.signIn(login);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.locator("section.list [role=option] .who").first().waitFor();

  await context.setOffline(true);
  await page.reload();
  await page.locator("nav a[aria-current=page]").waitFor();
  await page.locator("[role=status] p", { has: page.locator("use[href$='#wifi-off']") }).waitFor();
  await page.locator("section.list [role=alert]").waitFor();
  ignore(window, /ERR_INTERNET_DISCONNECTED|Failed to fetch|ERR_FAILED/);
  await window.check("start without a network");
  await context.setOffline(false);
  await page.locator("section.list [role=alert] button").click();
  await page.locator("section.list [role=option] .who").first().waitFor();

  // The store goes away while one writes.
  const subject = `Fragile ${window.name}`;
  await page.locator("button:visible", { has: page.locator("use[href$='#pencil']") }).first().click();
  const compose = page.locator("div.compose");
  await compose.locator("input[maxlength='900']").fill(subject);
  const text = compose.locator("[role=textbox]");
  await text.click();
  await page.keyboard.type("Le début. ");
  await compose.locator(".state:not(:empty):not(.failed)").waitFor();
  shut(true);
  await page.keyboard.type("Ceci ne se perd pas.");
  await compose.locator(".state.failed").waitFor(patient);
  ignore(window, /status of 50[0-9]/);
  await window.check("store away");
  await compose.locator(".top button").click();
  await compose.locator(".asking").waitFor(patient);
  await compose.locator(".asking button").first().click();
  window.expect("what was typed is there", (await text.innerText()).includes("Ceci ne se perd pas."));
  shut(false);
  await compose.locator(".state:not(:empty):not(.failed)").waitFor(patient);
  await compose.locator(".top button").click();
  await compose.waitFor({ state: "detached" });
  ignore(window, /status of 50[0-9]/);
  await page.reload();
  if (window.viewport.width < 760) await page.locator(".menu-button").click();
  await page.locator("aside a", { has: page.locator("use[href$='#file-pen']") }).click();
  const draft = page.locator("section.list [role=option]", { hasText: subject });
  await draft.first().waitFor();
  window.expect("it is there once", (await draft.count()) === 1);
  await draft.first().click();
  await page.locator("div.compose [role=textbox]", { hasText: "Le début. Ceci ne se perd pas." }).waitFor();
});

/** What the browser itself says of an answer that is part of the trial. */
function ignore(window, pattern) {
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !pattern.test(it)));
}
