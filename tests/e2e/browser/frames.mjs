// The office in the frames of portals, in Chromium. Prints one JSON object a line of what it saw, and ends with 1 when something is
// not as it must be.
//
// node frames.mjs CERTIFICATES OFFICE CAS FRONT LOGIN PORTAL...: the folder of the certificates, the HTTPS port of the office on
// 127.0.0.1, the port of the CAS server, the port where this program puts it behind TLS, who, and the ports of three portals:
// one on the office's own site, one on a foreign one, one that the office does not list.
//
// A site is a scheme and an address here, whatever the port: 127.0.0.1 is one, autan.localhost and centre.localhost are others.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchWithProfile, PATIENCE } from "./chromium.mjs";

const [certificates, officePort, cas, front, login, ...ports] = process.argv.slice(2);
const office = `https://127.0.0.1:${officePort}`;
const [own, foreign, unlisted] = [`https://127.0.0.1:${ports[0]}`, `https://autan.localhost:${ports[1]}`, `https://centre.localhost:${ports[2]}`];
const provider = `https://127.0.0.1:${front}`;

function demand(what, right) {
  if (!right) throw new Error(what);
}

const tls = (name) => ({ cert: readFileSync(`${certificates}/${name}.pem`), key: readFileSync(`${certificates}/${name}.key`) });
const servers = [];
function serve(name, port, answer) {
  const server = createServer(tls(name), answer);
  server.listen(Number(port), "127.0.0.1");
  servers.push(server);
}

/** A portal's page: the office in a frame. */
const portal = (_, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><title>Portal</title><h1>Portal</h1><iframe src="${office}/basic" width="1000" height="700"></iframe>`);
};
serve("srv", ports[0], portal);
serve("autan", ports[1], portal);
serve("centre", ports[2], portal);

/** Whether the CAS server lets its cookies be sent in frames on other sites. */
let framed = false;
serve("srv", front, (incoming, outgoing) => {
  const headers = { ...incoming.headers, host: `127.0.0.1:${cas}` };
  // Django compares these with the scheme that it sees.
  delete headers.origin;
  delete headers.referer;
  const asked = request({ host: "127.0.0.1", port: cas, path: incoming.url, method: incoming.method, headers, agent: false }, (answer) => {
    const set = answer.headers["set-cookie"];
    if (set && framed) {
      answer.headers["set-cookie"] = set.map((cookie) => `${cookie.replace(/; *samesite=\w+/i, "")}; SameSite=None; Secure`);
    }
    if (answer.headers.location) {
      answer.headers.location = answer.headers.location.replace(`http://127.0.0.1:${cas}`, provider);
    }
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(asked);
});

async function signOn(page) {
  await page.fill("#id_username", login);
  await page.fill("#id_password", `pw-${login}`);
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await page.press("#id_password", "Enter");
  // Leaving before it is answered would leave without its cookie.
  await answered;
}

/** A browser of its own for each visit: nothing is left over from the one before. */
async function visit(what, flags, action) {
  const profile = mkdtempSync(join(tmpdir(), "frames-"));
  if (!flags.length) {
    // Chromium blocks cookies of third parties by default.
    const allowed = { profile: { block_third_party_cookies: false, cookie_controls_mode: 0 } };
    mkdirSync(join(profile, "Default"));
    writeFileSync(join(profile, "Default/Preferences"), JSON.stringify(allowed));
  }
  const context = await launchWithProfile(certificates, ["srv", "garonne", "autan", "centre"], flags, profile);
  try {
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const refused = [];
    page.on("console", (message) => {
      if (/frame-ancestors|Content Security Policy/i.test(message.text())) refused.push(message.text());
    });
    const seen = await action(page, context, refused);
    console.log(JSON.stringify({ what, ...seen }));
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const frameOf = (page) => page.frameLocator("iframe");
const isHome = async (page) => {
  await frameOf(page).locator("#app-passwords").waitFor().catch(async () => {
    const shown = page.frames().slice(1).map(async (frame) => `${frame.url()}: ${await frame.locator("body").innerText()}`);
    throw new Error(`the frame is not home: ${await Promise.all(shown)}`);
  });
  return (await frameOf(page).locator("#you").innerText()).length > 0;
};
const button = (page) => frameOf(page).getByRole("link", { name: "Sign in in a new window" });
const cookies = async (context) => (await context.cookies([office, foreign, own])).filter(({ name }) => name.startsWith("__Host-passerelle"));

/** A form of the framed page, which writes. */
async function writes(page) {
  const before = await frameOf(page).locator("#app-passwords").count();
  demand("the page is home before it writes", before === 1);
  await frameOf(page).locator("#name").fill("from a frame");
  await frameOf(page).locator("#name").press("Enter");
  await frameOf(page).locator(".secret").waitFor();
}

const BLOCKED = ["--test-third-party-cookie-phaseout"];

await visit("the same site", BLOCKED, async (page, context) => {
  await page.goto(`${provider}/cas/login`);
  await signOn(page);
  await page.goto(own);
  demand("signed on without a question", await isHome(page));
  await writes(page);
  return { home: true, cookies: (await cookies(context)).map(({ name }) => name).sort() };
});

framed = true;
await visit("a foreign site, whose CAS server is known in frames", [], async (page, context) => {
  await page.goto(`${provider}/cas/login`);
  await signOn(page);
  await page.goto(foreign);
  demand("signed on without a question", await isHome(page));
  await writes(page);
  const kept = await cookies(context);
  demand(`only the frame's own cookie is kept, not ${JSON.stringify(kept)}`, kept.every(({ name }) => name === "__Host-passerelle-frame"));
  // Not signed in outside of the frame, nor in a frame of another site.
  await page.goto(`${office}/basic`);
  demand("the frame's session is the frame's", (await page.locator("#app-passwords").count()) === 0);
  return { home: true, partitioned: kept.every(({ partitionKey }) => Boolean(partitionKey)) };
});

await visit("a foreign site, with cookies of third parties blocked", BLOCKED, async (page, context) => {
  await page.goto(foreign);
  await button(page).waitFor();
  const [popup] = await Promise.all([page.waitForEvent("popup"), button(page).click()]);
  await popup.waitForURL((url) => url.origin === provider || url.pathname === "/login");
  if (new URL(popup.url()).origin !== provider) await popup.locator('main a.button[href^="/cas/"]').first().click();
  await Promise.all([popup.waitForEvent("close"), signOn(popup)]);
  demand("the frame goes on by itself", await isHome(page));
  await writes(page);
  await page.reload();
  demand("and stays signed in", await isHome(page));
  const kept = await cookies(context);
  const inFrame = kept.filter(({ name }) => name === "__Host-passerelle-frame");
  demand(`the frame has a partitioned cookie: ${JSON.stringify(kept)}`, inFrame.length === 1 && Boolean(inFrame[0].partitionKey));
  // Signing out in the frame ends the window's session too: it is the same.
  await frameOf(page).getByRole("button", { name: "Sign out", exact: true }).click();
  await page.waitForTimeout(500);
  await page.goto(`${office}/basic`);
  demand("signed out everywhere", (await page.locator("#app-passwords").count()) === 0);
  return { home: true };
});

await visit("a site that is not listed", [], async (page, _, refused) => {
  await page.goto(`${provider}/cas/login`);
  await signOn(page);
  await page.goto(`${office}/basic`);
  if (new URL(page.url()).origin === office && !(await page.locator("#app-passwords").count())) {
    await page.locator('main a.button[href^="/cas/"]').first().click();
  }
  await page.locator("#app-passwords").waitFor();
  await page.goto(unlisted);
  await page.waitForTimeout(1500);
  const shown = await frameOf(page).locator("body").innerText().catch(() => "");
  demand(`nothing of the office is shown, not ${shown}`, !shown.includes("Sign") && (await frameOf(page).locator("#app-passwords").count()) === 0);
  demand("the browser says why", refused.length > 0);
  return { refused: true };
});

for (const server of servers) server.close();
process.exit(0);
