// Chromium as the visitors use it: trusting exactly the keys of the given hosts, because the campus's authority is not the
// system's, and asking nobody outside of this machine.

import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

/** How long the browser may take for one step, in milliseconds. */
export const PATIENCE = 10_000;

/** How long a whole visit may take, in milliseconds: what a page is asked by script has no end of its own. */
const LONGEST = 600_000;

/** Starts a browser that trusts `hosts`, whose certificates are in a folder. */
export function launch(certificates, hosts) {
  return chromium.launch(settings(certificates, hosts, []));
}

/** The same with a profile of its own and more flags. The contexts of the other are private windows, in which cookies of third
 * parties are blocked anyway. */
export function launchWithProfile(certificates, hosts, flags, profile) {
  return chromium.launchPersistentContext(profile, { ...settings(certificates, hosts, flags), locale: "en-GB" });
}

function settings(certificates, hosts, flags) {
  const late = () => {
    console.log(`the visit was not over after ${LONGEST / 1000} s`);
    process.exit(1);
  };
  setTimeout(late, LONGEST).unref();
  const pin = (host) => {
    const key = new X509Certificate(readFileSync(`${certificates}/${host}.pem`)).publicKey;
    return createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("base64");
  };
  return {
    executablePath: "/usr/bin/chromium",
    timeout: PATIENCE,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--no-proxy-server",
      `--ignore-certificate-errors-spki-list=${hosts.map(pin).join(",")}`,
      ...flags,
    ],
  };
}
