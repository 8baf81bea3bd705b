// Hostile mail, opened one after the other: nothing of it runs, and a tracker on this machine is asked for nothing.
//
// node office_hostile.mjs CERTIFICATES PORT SHOTS LOGIN TRACKER COUNT: as office.mjs; the tracker's port, and how many there are.

import { createServer } from "node:http";
import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const [certificates, port, shots, login, tracker, count] = process.argv.slice(2);
const asked = [];
const server = createServer((request, response) => {
  asked.push(request.url);
  response.end();
});
await new Promise((resolve) => server.listen(Number(tracker), "127.0.0.1", resolve));

const browser = await launch(certificates, ["garonne"]);
const faults = [];
try {
  const window = await OfficeWindow.open(browser, { base: `https://garonne.localhost:${port}`, language: "fr-FR", viewport: { width: 1440, height: 900 }, shots });
  const { page } = window;
  await page.addInitScript(() => {
    globalThis.ran = () => {
      (globalThis.top ?? globalThis).hasRun = true;
    };
  });
  page.on("dialog", (dialog) => faults.push(`a dialogue: ${dialog.message()}`));
  await window.signIn(login);
  await page.locator("[role=listbox]").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  const seen = new Set();
  const title = page.locator(".conversation h2");
  for (let number = 1; number <= Number(count); number++) {
    await title.filter({ hasNotText: [...seen].at(-1) ?? "nothing yet" }).waitFor();
    const subject = await title.innerText();
    seen.add(subject);
    await page.frameLocator("iframe[src='/message-frame']").locator("body[dir]").waitFor();
    if (await page.evaluate(() => globalThis.hasRun === true)) faults.push(`something ran: ${subject}`);
    if (asked.length > 0) faults.push(`asked elsewhere: ${asked.splice(0).join(" ")} by ${subject}`);
    // What the sandbox and the policy have stopped while the text was taken apart is told on the console, and is as it should be.
    const wrong = window.complaints.splice(0).filter((it) => /^(an error|a request elsewhere)/.test(it));
    faults.push(...wrong.map((it) => `${subject}: ${it}`));
    if (number < Number(count)) await page.keyboard.press("j");
  }
  if (seen.size !== Number(count)) faults.push(`${seen.size} of ${count} messages were opened`);
  if (page.url() === "" || !page.url().includes("garonne")) faults.push(`the page has gone to ${page.url()}`);
  console.log(`${seen.size} messages were opened, the tracker was asked ${asked.length} times`);
} catch (error) {
  faults.push(String(error.stack));
} finally {
  await browser.close();
  server.close();
}
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);
