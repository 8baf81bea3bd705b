// The rounds of the office's visitors: in French and in Arabic, on a desk and on a phone, each in a window of its own. What is wrong is
// told at the end, with a picture of where a round stopped.
//
// node office_<visitor>.mjs CERTIFICATES PORT SHOTS LOGIN...: the folder of the hosts' certificates, the gateway's HTTPS port, where
// pictures go, who reads, and what the visitor wants beside it.

import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const [certificates, port, shots, ...more] = process.argv.slice(2);

/** What stands behind the pictures' folder on the command line: the reader first. */
export const given = more;
export const pictures = shots;
export const base = `https://garonne.localhost:${port}`;

/** Runs `visit` in each window, and ends the process with what was found. */
export async function round(visit, { languages = ["fr-FR", "ar"], sizes = [[1440, 900], [390, 844]] } = {}) {
  const faults = [];
  const browser = await launch(certificates, ["garonne"]);
  try {
    for (const language of languages) {
      for (const [width, height] of sizes) {
        const window = await OfficeWindow.open(browser, { base, language, viewport: { width, height }, shots });
        try {
          await visit(window);
        } catch (error) {
          await window.page.screenshot({ path: `${shots}/failed-${window.name.replaceAll(" ", "-")}.png` });
          window.faults.push(`${window.name}: ${error.stack}`, ...window.complaints);
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
}

/** Throws away what is being written. */
export async function discard(page) {
  const compose = page.locator("div.compose");
  await compose.locator(".foot [aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]").first().click();
  await compose.waitFor({ state: "detached" });
}
