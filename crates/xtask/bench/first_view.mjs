// How long until somebody who has signed on sees the rows of their mailbox, in a browser that has nothing in its cache: the office,
// and SOGo. On this machine as it is, and with the processor slowed six times and a line of 5 Mbit/s and 40 ms.
//
// node first_view.mjs PLAYWRIGHT CERTIFICATE OFFICE SOGO USER PASSWORD ROUNDS: the folder with playwright-core, the office's
// certificate, the addresses of both, and who reads. One line of JSON for each side, round and condition.

import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [playwright, certificate, office, sogo, user, password, rounds] = process.argv.slice(2);
const { chromium } = createRequire(`${playwright}/package.json`)("playwright-core");
const PATIENCE = 60_000;
const key = new X509Certificate(readFileSync(certificate)).publicKey.export({ type: "spki", format: "der" });
const SIDES = [
  { side: "Passerelle", address: `${office}/`, rows: "[role=option] .who", sign: signOnAtOffice },
  { side: "SOGo", address: `${sogo}/SOGo/so/${user}/Mail/view`, rows: "md-list-item .sg-tile-content", sign: signOnAtSogo },
];
const CONDITIONS = [{ condition: "as it is" }, { condition: "slowed", processor: 6, octets: 5e6 / 8, latency: 40 }];

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-proxy-server",
    `--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`,
  ],
});
try {
  for (const side of SIDES) side.state = await signedOn(side);
  // The first round warms servers, and does not count.
  for (let round = 0; round <= Number(rounds); round++) {
    for (const condition of CONDITIONS) {
      for (const side of SIDES) {
        const seen = await view(side, condition);
        if (round > 0) console.log(JSON.stringify({ side: side.side, condition: condition.condition, ...seen }));
      }
    }
  }
} finally {
  await browser.close();
}

async function signedOn({ sign }) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: "block" });
  await sign(await context.newPage());
  const state = await context.storageState();
  await context.close();
  return state;
}

async function signOnAtOffice(page) {
  await page.goto(`${office}/`);
  await page.fill("#login", user);
  await page.fill("#password", password);
  await page.press("#password", "Enter");
  await page.locator("[role=option] .who").first().waitFor({ timeout: PATIENCE });
}

async function signOnAtSogo(page) {
  // Its form does nothing before its scripts have taken it over.
  await page.goto(`${sogo}/SOGo/`, { waitUntil: "networkidle" });
  await page.fill("input[name=username], #input_1", user);
  await page.fill("input[type=password]", password);
  await page.press("input[type=password]", "Enter");
  await page.waitForURL((url) => url.pathname.includes("/so/"), { timeout: PATIENCE });
}

/** Opens the page in a new, empty browser; milliseconds until the first row has its words, and octets that came until then. */
async function view({ address, rows, state }, { processor, octets, latency }) {
  const context = await browser.newContext({ storageState: state, viewport: { width: 1440, height: 900 }, serviceWorkers: "block" });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  if (processor) await cdp.send("Emulation.setCPUThrottlingRate", { rate: processor });
  if (octets) {
    await cdp.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: octets, uploadThroughput: octets });
  }
  let came = 0;
  cdp.on("Network.loadingFinished", ({ encodedDataLength }) => (came += encodedDataLength));
  await page.addInitScript((wanted) => {
    const look = () => {
      const row = document.querySelector(wanted);
      if (!row?.textContent?.trim() || row.getBoundingClientRect().height === 0) return requestAnimationFrame(look);
      // When it is painted, which is behind this frame.
      requestAnimationFrame(() => (globalThis.firstRow = performance.now()));
    };
    requestAnimationFrame(look);
  }, rows);
  await page.goto(address, { waitUntil: "commit" });
  const seen = await page.waitForFunction(() => globalThis.firstRow, undefined, { timeout: PATIENCE });
  const ms = await seen.jsonValue();
  await context.close();
  return { ms, kib: came / 1024 };
}
