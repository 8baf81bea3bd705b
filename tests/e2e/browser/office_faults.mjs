// What the office says when something is wrong, in French and in Arabic, on a desk and on a phone. The store is the test's: `kill` and
// `start` on the standard output ask for its end and its beginning, and what comes back on the standard input says that it is so.
//
// node office_faults.mjs CERTIFICATES PORT SHOTS LOGIN: the folder of the hosts' certificates, the gateway's HTTPS port, where
// pictures go, and who reads.

import { createInterface } from "node:readline";
import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const [certificates, port, shots, login] = process.argv.slice(2);
const base = `https://garonne.localhost:${port}`;
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const faults = [];

/** Has the store killed or started. */
async function store(what) {
  console.log(what);
  await answers.next();
}

const icon = (name) => `button:visible:has(use[href$='#${name}'])`;

/** What a browser logs of the refusals that are brought about here. */
const provoked = (complaint) => /status of (401|403|503|507|500)/.test(complaint);

async function check(window, what) {
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !provoked(it)));
  await window.check(what);
}

/** A wrong password: the page says so, the name stays, and the right one opens. */
async function wrongPassword(window) {
  const { page } = window;
  await page.goto(`${base}/`);
  await page.fill("#login", login);
  await page.fill("#password", "not-it");
  await page.press("#password", "Enter");
  await page.locator("[role=alert]").waitFor();
  window.expect("the name is still there", (await page.inputValue("#login")) === login);
  await check(window, "wrong password");
}

/** The mailbox has no room: what was written stays, and the page says what helps. */
async function fullMailbox(window) {
  const { page } = window;
  await page.locator(icon("pencil")).first().click();
  const compose = page.locator("div.compose");
  await compose.waitFor();
  await page.keyboard.type(`${login}@a.test,`);
  await compose.locator(".chip").waitFor();
  await compose.locator("input[maxlength='900']").fill("Le plan");
  await compose.locator("[role=textbox]").click();
  await page.keyboard.type("Ceci ne se perd pas.");
  const big = { name: "plan.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(400_000, 7) };
  await compose.locator("input[type=file]").setInputFiles(big);
  await compose.locator(".problem").waitFor();
  window.expect("what was typed is there", (await compose.locator("[role=textbox]").innerText()).includes("Ceci ne se perd pas."));
  await check(window, "full mailbox");
  await compose.locator("li", { hasText: "plan.bin" }).locator("button").first().click();
  // Without the file there is room again.
  await compose.locator(".state:not(.failed):not(:empty)").waitFor({ timeout: 30_000 });
  await compose.locator(".foot [aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]").first().click();
  await compose.waitFor({ state: "detached" });
}

/** The share has no room: the panel says so beside the file. */
async function fullShare(window) {
  const { page } = window;
  await page.evaluate(() => (location.hash = "#/files"));
  await page.locator("[role=listbox], .empty").first().waitFor();
  await page.setInputFiles("input[type=file]", { name: "film.bin", mimeType: "video/mp4", buffer: Buffer.alloc(5_000_000, 7) });
  await page.locator(".panel .why").waitFor();
  await check(window, "full share");
  await page.locator(`.panel header ${icon("x")}`).click();
}

/** The store dies: what is shown stays, what is not there is told, and all comes back by itself. */
async function deadStore(window) {
  const { page } = window;
  const rows = page.locator("[role=option] .who");
  await page.evaluate(() => (location.hash = "#/mail"));
  await rows.first().waitFor();
  const before = await rows.count();
  await store("kill");
  await page.locator("[role=option]").first().click();
  await page.locator(".read [role=alert], .list [role=alert]").first().waitFor({ timeout: 30_000 });
  window.expect("what was shown is shown", (await rows.count()) === before);
  await check(window, "store away");
  await page.goto(`${base}/#/mail`);
  await page.reload();
  await page.locator(".list [role=alert]").waitFor({ timeout: 30_000 });
  await check(window, "store away from the start");
  await page.evaluate(() => (location.hash = "#/files"));
  await page.locator("[role=listbox], .empty").first().waitFor();
  await page.evaluate(() => (location.hash = "#/mail"));
  await store("start");
  // Nobody touches anything.
  await rows.first().waitFor({ timeout: 60_000 });
  await page.locator(".list [role=alert]").waitFor({ state: "detached" });
  await check(window, "store back");
}

const browser = await launch(certificates, ["garonne"]);
try {
  for (const language of ["fr-FR", "ar"]) {
    for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      const window = await OfficeWindow.open(browser, { base, language, viewport, shots });
      try {
        await wrongPassword(window);
        await window.signIn(login);
        await fullMailbox(window);
        await fullShare(window);
        await deadStore(window);
      } catch (error) {
        await window.page.screenshot({ path: `${shots}/failed-${window.name.replaceAll(" ", "-")}.png` });
        window.faults.push(`${window.name}: ${error.stack}`, ...window.complaints);
        await store("start");
      }
      faults.push(...window.faults);
      await window.context.close();
    }
  }
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);
