// Pictures of elsewhere: nobody is asked for them before the reader wants them; then the gateway asks, and says nothing of the reader.
//
// node office_pictures.mjs CERTIFICATES PORT SHOTS LOGIN SERVER: as office.mjs; the port of the server that has the pictures.

import { createServer } from "node:http";
import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAJElEQVR42mP4cOchHHWJWsARLnGGQaiBGEXI4oNRw2g8DAoNAGvvwhA0X6f1AAAAAElFTkSuQmCC", "base64");

const [certificates, port, shots, login, elsewhere] = process.argv.slice(2);
const asked = [];
const server = createServer((request, response) => {
  asked.push(request);
  if (request.url.endsWith(".png")) response.writeHead(200, { "content-type": "image/png", "set-cookie": "seen=1" }).end(PNG);
  else if (request.url === "/page") response.writeHead(200, { "content-type": "image/png" }).end("<script>ran()</script>");
  else response.writeHead(404).end();
});
await new Promise((resolve) => server.listen(Number(elsewhere), "127.0.0.1", resolve));

const browser = await launch(certificates, ["garonne"]);
const faults = [];
try {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    const window = await OfficeWindow.open(browser, { base: `https://garonne.localhost:${port}`, language: "fr-FR", viewport, shots });
    try {
      await visit(window);
    } catch (error) {
      await window.page.screenshot({ path: `${shots}/failed-pictures-${viewport.width}.png` });
      window.faults.push(error.stack);
    }
    // Pictures that are not there are answered so, which the browser logs.
    const wrong = window.complaints.filter((it) => !/status of 404.*\/jmap\/image\?/.test(it));
    faults.push(...window.faults, ...wrong.map((it) => `${window.name}: ${it}`));
    await window.context.close();
  }
} finally {
  await browser.close();
  server.close();
}
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);

async function visit(window) {
  const { page } = window;
  asked.length = 0;
  await window.signIn(login);
  await page.locator("[role=option]", { hasText: "La lettre" }).first().click();
  const frame = page.frameLocator("iframe[src='/message-frame']");
  await frame.locator("h1", { hasText: "La lettre" }).waitFor();
  await page.locator(".blocked button").waitFor();
  window.expect(`nothing is asked before, not ${asked.map((it) => it.url).join(" ")}`, asked.length === 0);
  window.expect("nothing is shown before", (await frame.locator("[src], [background]").count()) === 0);
  await window.check("pictures blocked");
  await page.locator(".blocked button").click();
  await frame.locator("img.one[src^='blob:']").nth(1).waitFor();
  await frame.locator("td[background^='blob:']").waitFor();
  await frame.locator("p[style*='blob:']").waitFor();
  await frame.locator(".missing", { hasText: "Le plan" }).waitFor();
  await frame.locator(".missing:empty").waitFor();
  const widths = await frame.locator("img.one").evaluateAll((all) => Promise.all(all.map((it) => it.decode().then(() => it.naturalWidth))));
  window.expect(`the picture is seen, ${widths} wide`, widths.join() === "16,16");
  const styles = await frame.locator("body").evaluate((body) => ["p", "h1"].map((it) => getComputedStyle(body.querySelector(it)).backgroundImage));
  window.expect(`styles have theirs: ${styles}`, styles.every((it) => it.startsWith('url("blob:')));
  window.expect("nothing is left to look broken", (await frame.locator("img:not([src])").count()) === 0);
  window.expect("one is as wide as was written", (await frame.locator("img.one").nth(1).evaluate((it) => it.width)) === 64);
  window.expect("a cell is as wide as was written", await frame.locator("td[colspan='2'][bgcolor='#eeeeee']").isVisible());
  window.expect("nothing is said to be blocked", (await page.locator(".blocked").count()) === 0);
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !/status of 404.*\/jmap\/image\?/.test(it)));
  await window.check("pictures shown");
  const paths = asked.map((it) => it.url).sort().join(" ");
  window.expect(`each is asked for once: ${paths}`, paths === "/cell.png /none /one.png /page /style.png /title.png");
  for (const { url, headers, rawHeaders } of asked) {
    window.expect(`it is the gateway that asks for ${url}`, headers["user-agent"] === "Mozilla/5.0 (compatible; Passerelle)");
    const told = rawHeaders.join("\n").toLowerCase().match(/cookie|refer|origin|authorization|forwarded|sec-|accept-language|garonne|u00/g);
    window.expect(`${url} is told ${told}`, told === null);
  }
  if (window.viewport.width < 760) await page.goBack();
  await many(window);
}

/** Of too many the first are shown, and the others are still told. */
async function many(window) {
  const { page } = window;
  asked.length = 0;
  await page.locator("[role=option]", { hasText: "Album" }).first().click();
  const frame = page.frameLocator("iframe[src='/message-frame']");
  await frame.locator("h1", { hasText: "Album" }).waitFor();
  await page.locator(".blocked button").click();
  await frame.locator("img[src^='blob:']").nth(49).waitFor();
  window.expect(`of 60 the first 50 are shown, and ${asked.length} asked for`, asked.length === 50);
  window.expect("the others are told", (await page.locator(".blocked").innerText()).includes("10"));
}
