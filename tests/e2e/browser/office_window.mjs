// A window of the office that keeps what it complains of: the console, the policy's reports, what is asked elsewhere; and what is
// wrong with the page as it stands: axe-core through the DevTools protocol, and what is wider than the window.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PATIENCE } from "./chromium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export class OfficeWindow {
  static async open(browser, { base, language, viewport, shots }) {
    const window = new OfficeWindow();
    Object.assign(window, { base, language, viewport, shots, complaints: [], faults: [] });
    window.name = `${language} ${viewport.width}`;
    const touch = viewport.width < 760;
    window.context = await browser.newContext({ locale: language, viewport, hasTouch: touch, isMobile: touch });
    window.context.setDefaultTimeout(PATIENCE);
    window.page = await window.context.newPage();
    window.cdp = await window.context.newCDPSession(window.page);
    await window.#listen();
    return window;
  }

  async #listen() {
    const { page, cdp, complaints } = this;
    page.on("pageerror", (error) => complaints.push(`an error: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`the console: ${message.text()} (${message.location().url})`);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.origin !== this.base) complaints.push(`a request elsewhere: ${request.url()}`);
    });
    cdp.on("Audits.issueAdded", ({ issue }) => complaints.push(`${issue.code}: ${JSON.stringify(issue.details)}`));
    await cdp.send("Audits.enable");
  }

  /** Signs in by the page, and waits for the office. */
  async signIn(login) {
    const { page } = this;
    await page.goto(`${this.base}/`);
    await page.fill("#login", login);
    await page.fill("#password", `pw-${login}`);
    await page.press("#password", "Enter");
    await page.waitForURL((url) => url.pathname === "/");
    await page.locator("[role=option] .who").first().waitFor();
  }

  async evaluate(expression) {
    const { result, exceptionDetails } = await this.cdp.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(`${this.name}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }

  /** All that is wrong now, and a picture of it. */
  async check(what) {
    const found = this.complaints.splice(0);
    if (!(await this.evaluate("typeof axe === 'object'"))) await this.evaluate(`${AXE};0`);
    found.push(...await this.evaluate(`axe.run(document, { resultTypes: ["violations"], iframes: false }).then(({ violations }) =>
      violations.map((it) => "axe " + it.id + ": " + it.nodes.map((node) => node.target.join(" ") + " – " + (node.any[0]?.message ?? it.help)).join("; ")))`));
    const [wide, width] = await this.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
    if (wide > width) found.push(`${wide} px in a window of ${width}`);
    await this.page.screenshot({ path: `${this.shots}/${this.name.replaceAll(" ", "-")}-${what.replaceAll(" ", "-")}.png` });
    this.faults.push(...found.map((fault) => `${this.name}, ${what}: ${fault}`));
  }

  expect(what, right) {
    if (!right) this.faults.push(`${this.name}: ${what}`);
  }
}
