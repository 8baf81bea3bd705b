// The console's sections on the institution itself, in Chromium, in two languages and two sizes: its look, tools, changes, the health
// of its back-ends, its use. A change is made, seen by everybody, and taken back.
//
// node office_institution.mjs CERTIFICATES PORT SHOTS LOGIN: as office.mjs; who administers.

import { given, round } from "./office_round.mjs";

const [administrator] = given;
/** A colour in which text cannot be read on light paper. */
const PALE = "#f2c94c";

await round(async (window) => {
  await window.signIn(administrator);
  await look(window);
  await tools(window);
  await counted(window);
  await fares(window);
});

function icon(name) {
  return `button:has(use[href$='#${name}'])`;
}

async function go(window, hash, wanted) {
  await window.page.evaluate((hash) => (location.hash = hash), hash);
  await window.page.locator(wanted).first().waitFor();
}

/** Does what makes a toast say that it is done, and lets it go. */
async function done(window, act) {
  const { page } = window;
  await act();
  await page.locator(".toast:not(.failed)").first().waitFor();
  await page.locator(".toast .close").first().click();
  await page.locator(".toast").first().waitFor({ state: "detached" });
}

function branding(window) {
  return window.page.evaluate(() => fetch("/branding.json").then((it) => it.json()));
}

async function look(window) {
  const { page } = window;
  const before = await branding(window);
  await go(window, "#/admin/look", "form.card");
  await page.locator(".preview.dark").waitFor();
  await window.check("look");
  const form = page.locator("form.card").first();
  await form.locator("input[placeholder='#rrggbb']").fill(PALE);
  await page.locator(".warn", { hasText: PALE }).first().waitFor();
  await window.check("contrast");
  const name = `Garonne ${window.name}`;
  await form.locator("input[lang=fr]").fill(name);
  const welcome = page.locator("form.card").nth(1).locator("textarea[lang=fr]");
  await welcome.fill("Bonjour");
  await done(window, () => form.locator(".primary").click());
  const now = await branding(window);
  window.expect(`the colour is ${now.colour}`, now.colour === PALE);
  window.expect("what another part is being given stays", (await welcome.inputValue()) === "Bonjour");
  // Somebody else changes it meanwhile: nothing is overwritten, and one sees what they have written.
  const { version } = await page.evaluate(() => fetch("/api/admin/settings").then((it) => it.json()));
  const other = { version, settings: { "branding.sign_in": { fr: "Bienvenue" } } };
  const status = await page.evaluate((body) => {
    const headers = { "content-type": "application/json" };
    return fetch("/api/admin/settings", { method: "POST", headers, body: JSON.stringify(body) }).then((it) => it.status);
  }, other);
  window.expect(`the other change is made: ${status}`, status === 200);
  await page.locator("form.card").nth(1).locator(".primary").click();
  await page.locator("form.card [role=alert]").waitFor();
  window.expect("the field shows what is there now", (await welcome.inputValue()) === "Bienvenue");
  window.expect("a second save has nothing to send", await page.locator("form.card").nth(1).locator(".primary").isDisabled());
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !it.includes("status of 409")));
  await window.check("overtaken");
  // And all of it back, the newest first.
  await go(window, "#/admin/changes", "ol li");
  await window.check("changes");
  for (const nth of [0, 2]) {
    const listed = await page.locator("ol li").count();
    await done(window, () => page.locator(`ol li ${icon("undo-2")}`).nth(nth).click());
    await page.locator("ol li").nth(listed).waitFor();
  }
  const after = await branding(window);
  const shown = ({ colour, name }) => JSON.stringify([colour, name]);
  window.expect(`all is back: ${shown(after)}, not ${shown(before)}`, shown(after) === shown(before));
}

async function tools(window) {
  const { page } = window;
  await go(window, "#/admin/tools", "form.card input[type=checkbox]");
  await window.check("tools");
  const form = page.locator("form.card").nth(1);
  const field = form.locator("input[type=number]").nth(2);
  const before = await field.inputValue();
  await field.fill("77");
  const saves = (request) => request.method() === "POST" && request.url().endsWith("/api/admin/settings");
  const [sent] = await Promise.all([page.waitForRequest(saves), done(window, () => form.locator(".primary").click())]);
  window.expect(`only what was changed is sent: ${sent.postData()}`, Object.values(sent.postDataJSON().settings).join() === "77");
  const told = await page.evaluate(() => fetch("/api/me").then((it) => it.json()));
  window.expect(`the limit holds: ${told.longestLinkDays}`, told.longestLinkDays === 77);
  await done(window, () => form.locator(".foot .button:not(.primary)").click());
  window.expect("and is as it was", (await field.inputValue()) === before);
}

/** What was counted until now arrives within seconds. */
async function counted({ page }) {
  const isThere = async () => Object.keys((await (await fetch("/api/admin/usage")).json()).logins).length > 0;
  for (const late = Date.now() + 60_000; !(await page.evaluate(isThere)) && Date.now() < late; ) await page.waitForTimeout(250);
}

async function fares(window) {
  const { page } = window;
  await go(window, "#/admin/health", ".rows details");
  window.expect("every service works", (await page.locator(".rows .state.bad").count()) === 0);
  window.expect("the store and the directory are among them", (await page.locator(".rows details").count()) > 3);
  await page.locator(".rows summary").first().click();
  await window.check("health");
  await go(window, "#/admin/usage", ".figures dd");
  await page.locator("figure svg").first().waitFor();
  await page.locator("details summary").first().click();
  await window.check("usage");
}
