// Files with scripts in Chromium, opened by somebody with whom they are shared, as a page and in the ways a page can take
// them in. Prints what ran, and ends with 1 then.
//
// node xss.mjs CERTIFICATES PORT LINK: the folder of the hosts' certificates, the gateway's HTTPS port, a link's token.

import { launch, PATIENCE } from "./chromium.mjs";

const [certificates, port, link] = process.argv.slice(2);
const base = `https://garonne.localhost:${port}`;
const NAMES = ["a.svg", "a.html", "a.xhtml", "a.txt", "svg.png", "html.jpg", "none"];
const faults = [];

/** Opens an address; what a script did there. A file that is only for keeping opens no page. */
async function opened(context, address) {
  const page = await context.newPage();
  const ran = [];
  page.on("dialog", async (dialog) => { ran.push(`a dialog: ${dialog.message()}`); await dialog.dismiss(); });
  page.on("request", (request) => { if (new URL(request.url()).pathname === "/ran") ran.push("a request"); });
  let status = "kept";
  try {
    const response = await page.goto(address, { waitUntil: "load" });
    // A "data:" address has no answer.
    status = response?.status() ?? 200;
  } catch (error) {
    if (!/Download is starting|ERR_ABORTED/.test(error.message)) throw error;
  }
  if (status === 200) await page.evaluate("1").catch(() => {});
  await page.close();
  return { ran, status };
}

const browser = await launch(certificates, ["garonne"]);
try {
  const context = await browser.newContext({ locale: "en-GB", acceptDownloads: false });
  context.setDefaultTimeout(PATIENCE);
  const signing = await context.newPage();
  await signing.goto(`${base}/login`);
  await signing.fill("#login", "u00002");
  await signing.fill("#password", "pw-u00002");
  await Promise.all([signing.waitForURL(`${base}/`), signing.press("#password", "Enter")]);

  // The check itself sees a script that runs.
  const control = await opened(context, "data:text/html,<script>alert('ran')</script>");
  if (control.ran.length === 0) faults.push("the check is blind");

  const seen = {};
  for (const name of NAMES) {
    const place = `owner=u00001&folder=${encodeURIComponent(`trap/${name}`)}`;
    for (const path of [
      `/dav/files/u00001/trap/${name}`,
      `/s/${link}/files/${name}`,
      `/preview?${place}&as=text`,
      `/preview?${place}&size=256`,
      `/s/${link}/preview?folder=${encodeURIComponent(name)}&as=text`,
      `/s/${link}/preview?folder=${encodeURIComponent(name)}&size=256`,
    ]) {
      const { ran, status } = await opened(context, base + path);
      seen[status] = (seen[status] ?? 0) + 1;
      for (const one of ran) faults.push(`${path}: ${one}`);
      if (path.includes("size=") && status !== 415) faults.push(`${path}: ${status}, as if it were a picture`);
      if (path.includes("as=text") && status !== 200) faults.push(`${path}: ${status}`);
    }
  }
  // Files were sent, and not only refused.
  if (!(seen[200] > 0 && seen.kept > 0)) faults.push(`nothing was opened: ${JSON.stringify(seen)}`);

  // The page of the folder shows them, and its pictures that are none.
  for (const address of [`${base}/s/${link}`, `${base}/basic?owner=u00001&folder=trap`, `${base}/search?q=a`]) {
    const { ran, status } = await opened(context, address);
    if (status !== 200 || ran.length > 0) faults.push(`${address}: ${status} ${ran}`);
  }
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
