// A window of the office that keeps what it complains of: the console, the policy's reports, what is asked elsewhere; and what is
// wrong with the page as it stands: axe-core through the DevTools protocol, also in colours of the system's own and with more contrast, what
// is wider than the window, what is too small to be hit, and a window without a title of its own.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PATIENCE } from "./chromium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What the system may ask of a page, as the DevTools protocol names it. */
const LOOKS = [{ forcedColors: "active" }, { contrast: "more" }];

/** Views that were looked at in these. */
const looked = new Set();

/** What a pointer cannot hit well (WCAG 2.2, 2.5.8): under 24 px in one direction, unless it stands in a sentence. Runs in the page. */
function small() {
  const LEAST = 24;
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=option], [role^=menuitem], [role=separator][tabindex]";
  /** How far the target reaches from its middle in both directions: what a pointer hits may be larger than what is drawn. */
  const reach = (target, x, y, [across, down]) => {
    let far = 1;
    for (const side of [1, -1]) {
      const hits = (step) => document.elementFromPoint(x + across * side * step, y + down * side * step)?.closest(targets) === target;
      for (let step = 1; step < LEAST && hits(step); step++) far++;
    }
    return far;
  };
  const isInText = (target) =>
    getComputedStyle(target).display === "inline" && [...target.parentElement.childNodes].some((it) => it.nodeType === 3 && it.textContent.trim() !== "");
  return [...document.querySelectorAll(targets)].flatMap((target) => {
    if (!target.checkVisibility({ visibilityProperty: true }) || target.matches(":disabled") || isInText(target)) return [];
    const { left, top, right, bottom, width, height } = (target.matches("[type=checkbox], [type=radio]") && target.closest("label") || target).getBoundingClientRect();
    if (width >= LEAST && height >= LEAST) return [];
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    // Out of sight, cut away to be read out only, or under something.
    if (document.elementFromPoint(x, y)?.closest(targets) !== target) return [];
    const [wide, high] = [Math.max(width, reach(target, x, y, [1, 0])), Math.max(height, reach(target, x, y, [0, 1]))];
    if (wide >= LEAST && high >= LEAST) return [];
    return [`a target of ${Math.round(wide)} × ${Math.round(high)} px: ${target.outerHTML.slice(0, 160)}`];
  });
}

export class OfficeWindow {
  static async open(browser, { base, language, viewport, shots }) {
    const window = new this();
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
    found.push(...await this.evaluate(`(${small})()`));
    const title = await this.page.title();
    if (!/\S · /.test(title)) found.push(`the window is called "${title}"`);
    const [wide, width] = await this.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
    if (wide > width) found.push(`${wide} px in a window of ${width}`);
    await this.page.screenshot({ path: `${this.shots}/${this.name.replaceAll(" ", "-")}-${what.replaceAll(" ", "-")}.png` });
    found.push(...await this.#inLooks(what));
    this.faults.push(...found.map((fault) => `${this.name}, ${what}: ${fault}`));
  }

  /** What cannot be read in colours of the system's own or with more contrast: once for a view, since neither language nor size changes it. */
  async #inLooks(what) {
    // Imposed colours are painted without being told to scripts: in a page that is dark they would be the page's own on white.
    if (looked.has(what) || await this.evaluate("document.documentElement.dataset.theme === 'dark'")) return [];
    looked.add(what);
    const found = [];
    for (const look of LOOKS) {
      const [name] = Object.keys(look);
      await this.page.emulateMedia(look);
      found.push(...await this.evaluate(`axe.run(document, { runOnly: ["color-contrast"], iframes: false }).then(({ violations }) =>
        violations.flatMap((it) => it.nodes.map((node) => "${name}: " + node.target.join(" ") + " – " + node.any[0]?.message)))`));
      await this.page.screenshot({ path: `${this.shots}/${name}-${what.replaceAll(" ", "-")}.png` });
      await this.page.emulateMedia({ [name]: null });
    }
    return found;
  }

  expect(what, right) {
    if (!right) this.faults.push(`${this.name}: ${what}`);
  }
}
