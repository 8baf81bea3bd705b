// The pages in Chromium, in three languages, of which one is written from right to left, two sizes and both colour schemes: accessible, quiet, of the width of the
// window, large enough to touch, and of use by keyboard alone. Prints what is wrong, and ends with 1 then.
//
// node pages.mjs CERTIFICATES PORT PICTURES: the folder of the hosts' certificates, the gateway's HTTPS port, and the folder for pictures.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launch, PATIENCE } from "./chromium.mjs";

const [certificates, port, pictures] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const HOSTS = ["garonne", "centre"];
const LANGUAGES = ["fr-FR", "en-GB", "ar"];
/** The language whose words are the longest: what it does not tear, none does. */
const LONGEST_WORDS = "de-DE";
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];
/** WCAG 2.2, 1.4.10: the width at which a page must reflow. */
const NARROWEST = { width: 320, height: 640 };
/** In CSS pixels, each way. */
const SMALLEST_TARGET = 44;

const faults = [];

/** A window of its own that keeps what it complains of. */
class Window {
  static async open(browser, host, language, viewport) {
    const window = new Window();
    window.name = `${host} ${language} ${viewport.width}`;
    window.base = `https://${host}.localhost:${port}`;
    window.complaints = [];
    window.expected = 200;
    window.viewport = viewport;
    window.language = language;
    window.pictured = host === "garonne" && ["ar", LONGEST_WORDS].includes(language);
    window.context = await browser.newContext({ locale: language, viewport, colorScheme: "light" });
    window.context.setDefaultTimeout(PATIENCE);
    window.page = await window.context.newPage();
    window.cdp = await window.context.newCDPSession(window.page);
    await window.#listen();
    return window;
  }

  async #listen() {
    const { page, cdp, complaints } = this;
    page.on("pageerror", (error) => complaints.push(`an error: ${error.message}`));
    page.on("console", (message) => {
      // A browser also logs the status of the document itself; that is checked in its own place.
      const ofThePage = message.text().startsWith("Failed to load resource") && message.location().url === page.url();
      if (!ofThePage) complaints.push(`the console: ${message.text()} (${message.location().url})`);
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== this.base) complaints.push(`a request elsewhere: ${request.url()}`);
    });
    page.on("response", (response) => {
      const document = response.request().isNavigationRequest();
      const right = document ? [303, this.expected].includes(response.status()) : [200, 304].includes(response.status());
      if (!right) complaints.push(`${response.status()} from ${response.url()}`);
    });
    cdp.on("Audits.issueAdded", ({ issue }) => complaints.push(`${issue.code}: ${JSON.stringify(issue.details)}`));
    await cdp.send("Audits.enable");
  }

  async evaluate(expression) {
    const { result, exceptionDetails } = await this.cdp.send("Runtime.evaluate", {
      expression, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${this.name}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }

  /** Through the DevTools protocol: the policy of the page lets no script in. */
  async axe(options) {
    if (!(await this.evaluate("typeof axe === 'object'"))) await this.evaluate(`${AXE};0`);
    const found = await this.evaluate(
      `axe.run(document, ${JSON.stringify(options)}).then(({violations}) => violations.map((v) =>
        "axe " + v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " – " + (n.any[0]?.message ?? v.help)).join("; ")))`);
    return found;
  }

  /** What is wider than the window. */
  async overflow() {
    const [wide, width] = await this.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
    return wide > width ? [`${wide} px in a window of ${width}`] : [];
  }

  /** Controls that a finger misses. Hidden ones, and the link that shows itself to the keyboard only, have no size to speak of. */
  async targets() {
    return this.evaluate(`[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
      .filter((it) => !it.matches(".skip") && it.checkVisibility())
      .map((it) => [it.outerHTML.slice(0, 90), it.getBoundingClientRect()])
      .filter(([, box]) => Math.min(box.width, box.height) < ${SMALLEST_TARGET} - .01)
      .map(([html, box]) => "a target of " + box.width + " x " + box.height + ": " + html)`);
  }

  /** All that is wrong with the page as it stands. */
  async faults() {
    const { page } = this;
    const found = [];
    found.push(...await this.axe({ resultTypes: ["violations"] }), ...await this.overflow(), ...await this.targets());
    // Colours are the same in each language.
    if (this.language.startsWith("fr")) {
      await page.emulateMedia({ colorScheme: "dark" });
      const dark = await this.axe({ runOnly: ["color-contrast"], resultTypes: ["violations"] });
      found.push(...dark.map((fault) => `dark: ${fault}`));
      await page.emulateMedia({ colorScheme: "light" });
    }
    await page.setViewportSize(NARROWEST);
    found.push(...await this.overflow());
    await page.setViewportSize(this.viewport);
    return [...found, ...this.complaints.splice(0)];
  }

  async check(what) {
    faults.push(...(await this.faults()).map((fault) => `${this.name}, ${what}: ${fault}`));
    if (this.pictured) {
      await this.page.screenshot({ path: `${pictures}/${this.language}-${this.viewport.width}-${what.replaceAll(/\W+/g, "-")}.png`, fullPage: true });
    }
  }

  expect(what, right) {
    if (!right) faults.push(`${this.name}: ${what}`);
  }

  /** Does something that leads to another document. */
  async leading(expected, action) {
    this.expected = expected;
    await Promise.all([this.page.waitForEvent("load"), action()]);
    this.expected = 200;
  }

  async go(path, expected = 200) {
    await this.leading(expected, () => this.page.goto(this.base + path));
  }

  focused() {
    return this.evaluate(`(() => { const it = document.activeElement, style = getComputedStyle(it);
      return { id: it.id, tag: it.localName, text: it.textContent.trim(), html: it.outerHTML.slice(0, 90),
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 }; })()`);
  }
}

/** Signs in without a mouse, from the page as it opens. */
async function byKeyboard(window, password, expected) {
  const { keyboard } = window.page;
  if ((await window.focused()).id === "login") {
    await keyboard.type("u00001");
    await keyboard.press("Tab");
  }
  const field = await window.focused();
  window.expect(`the password comes next and shows it, not ${field.html}`, field.id === "password" && field.ring);
  await keyboard.type(password);
  await window.leading(expected, () => keyboard.press("Enter"));
}

/** Goes through the whole page: each control is reached, and shows that it is. */
async function walk(window) {
  const { keyboard } = window.page;
  await keyboard.press("Tab");
  window.expect("the first stop skips to the content", (await window.focused()).html.includes("#content"));
  const controls = await window.evaluate(`[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
    .filter((it) => it.checkVisibility()).length`);
  // A date field has a stop for each of its parts.
  const next = async () => {
    const before = (await window.focused()).html;
    let after;
    do {
      await keyboard.press("Tab");
      after = await window.focused();
    } while (after.html === before && after.html.includes('type="date"'));
    return after;
  };
  for (let stop = 1; stop < controls; stop++) {
    const { html, ring, tag } = await next();
    window.expect(`stop ${stop} of ${controls} shows no focus: ${html}`, ring && tag !== "body");
  }
  window.expect("nothing else takes the focus", (await next()).tag === "body");
}

async function visit(browser, host, language, viewport) {
  const window = await Window.open(browser, host, language, viewport);
  const { page } = window;
  const hasFiles = host === "garonne";
  await window.go("/basic");
  const [lang, direction] = await window.evaluate("[document.documentElement.lang, getComputedStyle(document.body).direction]");
  window.expect("the page is in the reader's language", lang === language.slice(0, 2));
  window.expect("and from its side", direction === (lang === "ar" ? "rtl" : "ltr"));
  await window.check("sign-in");
  await byKeyboard(window, "wrong", 401);
  await window.check("wrong password");
  await byKeyboard(window, "pw-u00001", 200);
  window.expect("signed in", new URL(page.url()).pathname === "/basic" && await page.locator("#app-passwords").count() === 1);
  await window.check("home");
  if (viewport === SIZES[0]) await walk(window);
  await page.locator("summary").click();
  await window.check("home, with all open");
  await page.fill("#name", "Ordinateur_du_bureau_sans_la_moindre_espace_dans_son_nom_si_long");
  await window.leading(201, () => page.press("#name", "Enter"));
  window.expect("the app password is in sight", await page.locator(".secret").isVisible()
    && await window.evaluate("document.querySelector('.secret').getBoundingClientRect().bottom < innerHeight"));
  await window.check("app password");
  if (hasFiles) {
    await window.leading(200, () => page.locator("a.entry").first().click());
    window.expect("the way back", await page.locator("nav.path a").count() === 1);
    await window.check("folder");
    const file = { name: `${language}-${viewport.width}.txt`, mimeType: "text/plain", buffer: Buffer.from("bonjour") };
    await page.setInputFiles("#file", file);
    await window.leading(200, () => page.locator("form.add button").first().click());
    window.expect("the file is there", await page.locator("a.entry", { hasText: file.name }).count() === 1);
    await window.check("uploaded");
  }
  if (hasFiles) {
    await window.go("/external-mail");
    await window.check("accounts elsewhere");
    if (viewport === SIZES[0]) await walk(window);
    await page.fill("#label", "Un_compte_sans_la_moindre_espace_de_nom_");
    await page.fill("#host", "10.0.0.1");
    await page.fill("#login", "moi");
    await page.fill("#password", "secret");
    await window.leading(422, () => page.press("#password", "Enter"));
    window.expect("why not is told, and what was typed stands but the password", await page.locator("[role=alert]").isVisible()
      && await page.inputValue("#host") === "10.0.0.1" && await page.inputValue("#password") === "");
    await window.check("an account that was refused");
  }
  if (hasFiles) {
    await window.go("/search?q=jardin");
    window.expect("what is looked for is found, whatever its case", await page.locator(".hit bdi").first().innerText() === "Jardin.jpg");
    await page.locator(".hit img").scrollIntoViewIfNeeded();
    await page.waitForFunction("document.querySelector('.hit img').complete");
    window.expect("with a small picture", await window.evaluate("document.querySelector('.hit img').naturalWidth") === 96);
    await window.check("found");
    if (viewport === SIZES[0]) await walk(window);
    await page.fill("#q", "un_nom_sans_espace");
    await window.leading(200, () => page.press("#q", "Enter"));
    await window.check("a long name found");
    await page.fill("#q", "nothing-of-this-name");
    await window.leading(200, () => page.press("#q", "Enter"));
    await window.check("nothing found");
  }
  if (hasFiles) await shares(window);
  await window.go("/admin");
  window.expect("the page of administration", await page.locator("section.card").count() === 8);
  await window.check("administration");
  if (viewport === SIZES[0] && host === "garonne") await walk(window);
  await window.go("/nothing-here", 404);
  await window.check("not found");
  await window.go("/basic");
  await window.leading(200, () => page.locator("header form button").press("Enter"));
  window.expect("signed out", new URL(page.url()).pathname === "/login");
  await window.context.close();
}

/** A folder is shared with a person and by links; a link is opened as whoever holds it would. */
async function shares(window) {
  const { page } = window;
  const folder = `Cours/${window.language}-${window.viewport.width}`;
  const address = `/share?owner=u00001&folder=${encodeURIComponent(folder)}`;
  await window.go(address);
  await window.check("sharing");
  if (window.viewport === SIZES[0]) await walk(window);
  await page.fill("#who", "nobody-of-this-name");
  await window.leading(422, () => page.press("#who", "Enter"));
  window.expect("who is not there is told, and stands", await page.locator("[role=alert]").isVisible() && await page.inputValue("#who") === "nobody-of-this-name");
  await page.fill("#who", "u00002");
  await window.leading(201, () => page.press("#who", "Enter"));
  window.expect("the person is in the list", await page.locator("tbody tr", { hasText: "u00002" }).count() === 1);
  await page.fill("#label", "Un_lien_sans_la_moindre_espace_dans_son_nom_si_long");
  await page.fill("#link-password", "mot de passe");
  await page.fill("#downloads", "3");
  await window.leading(201, () => page.press("#label", "Enter"));
  const protectedLink = await page.locator("code.secret").innerText();
  window.expect("the address is in sight", protectedLink.startsWith(`${window.base}/s/`));
  await window.check("a link made");
  await window.go(address);
  await page.selectOption("#use", "upload");
  await window.leading(201, () => page.press("#label", "Enter"));
  const dropBox = await page.locator("code.secret").innerText();
  await window.go("/shared");
  window.expect("what is shared is listed", await page.getByRole("link", { name: folder }).count() === 1);
  await window.check("shared by me");

  await window.go(new URL(protectedLink).pathname);
  await window.check("a link's password");
  await page.fill("#password", "another one");
  await window.leading(401, () => page.press("#password", "Enter"));
  await window.check("a link's wrong password");
  await page.fill("#password", "mot de passe");
  await window.leading(200, () => page.press("#password", "Enter"));
  window.expect("the link is open", await page.locator("h1").innerText() === "Un_lien_sans_la_moindre_espace_dans_son_nom_si_long");
  await window.check("a link");
  await window.go(new URL(dropBox).pathname);
  await window.check("a drop box");
  const file = { name: "copie.txt", mimeType: "text/plain", buffer: Buffer.from("bonjour") };
  for (const _ of [1, 2]) {
    await page.setInputFiles("#file", file);
    await window.leading(200, () => page.locator("form.add button").click());
    window.expect("it was taken, and nothing shows", await page.locator(".message.good").isVisible() && await page.locator("table").count() === 0);
  }
  await window.check("something put in");

  // Links and grant are taken back, so that the next visitor finds all as it was.
  await window.go(address);
  for (let left = await page.locator("tbody form").count(); left > 0; left--) {
    await window.leading(200, () => page.locator("tbody form button").first().click());
  }
  window.expect("all is taken back", await page.locator("tbody form").count() === 0);
  await window.go(new URL(protectedLink).pathname, 404);
}

/** What an administrator changes shows on the next page, and can be taken back; all of it without script. */
async function administers(browser) {
  const window = await Window.open(browser, "garonne", "en-GB", SIZES[0]);
  const { page } = window;
  await window.go("/login?next=/admin");
  await byKeyboard(window, "pw-u00001", 200);
  window.expect("signing in leads to the page that was asked for", new URL(page.url()).pathname === "/admin");
  await page.fill("#name-en", "Changed University");
  await page.fill("#colour", "#f2a900");
  await window.leading(200, () => page.locator("form", { has: page.locator("#colour") }).getByRole("button", { name: "Save" }).click());
  window.expect("it says that it is done", await page.locator(".message.good").isVisible());
  window.expect("the new name shows", (await page.locator("header .name").innerText()) === "Changed University");
  window.expect("the new colour is in force", await window.evaluate("getComputedStyle(document.body).borderTopColor") === "rgb(242, 169, 0)");
  await window.check("changed");
  await page.fill("#text-en", "The desk is closed on Friday.\n\nAsk <b>us</b>.");
  await page.fill("#legal-0", "https://univ.test/legal");
  await window.leading(200, () => page.locator("form", { has: page.locator("#text-en") }).getByRole("button", { name: "Save" }).click());
  await page.fill("#legal-0", "https://univ.test/legal");
  await page.fill("#legal-0-en", "Legal notice");
  await window.leading(200, () => page.locator("form", { has: page.locator("#legal-0") }).getByRole("button", { name: "Save" }).click());
  window.expect("the link is at the foot", await page.getByRole("link", { name: "Legal notice" }).count() === 1);
  const file = { name: "logo.png", mimeType: "image/png", buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64") };
  await page.setInputFiles("#file-logo", file);
  await window.leading(200, () => page.locator("form", { has: page.locator("#file-logo") }).getByRole("button", { name: "Save" }).click());
  window.expect("the logo is the new one", (await page.locator("header img").getAttribute("src")).startsWith("/branding/logo?"));
  await window.check("all changed");
  const signIn = await Window.open(browser, "garonne", "en-GB", SIZES[1]);
  await signIn.go("/login");
  window.expect("the sign-in page says it as text", (await signIn.page.locator("p.own").allInnerTexts()).join("|") === "The desk is closed on Friday.|Ask <b>us</b>.");
  await signIn.check("sign-in, changed");
  await signIn.context.close();
  for (let left = 4; left > 0; left--) {
    await window.leading(200, () => page.getByRole("button", { name: `Undo change ${left}` }).click());
  }
  window.expect("all is as before", (await page.locator("header .name").innerText()) === "Garonne University");
  await window.context.close();
}

/** A language is chosen on the page before anybody has signed in, stays on those that follow, and in the office. */
async function chooses(browser) {
  const window = await Window.open(browser, "garonne", "fr-FR", SIZES[1]);
  const { page } = window;
  const spoken = () => window.evaluate("[document.documentElement.lang, document.documentElement.dir].join()");
  await window.go("/login?next=/basic");
  await window.leading(200, () => page.getByRole("link", { name: "العربية" }).click());
  window.expect("the page is in the language that was chosen", await spoken() === "ar,rtl");
  window.expect("and says which that is", await page.locator("[hreflang][aria-current]").innerText() === "العربية");
  await byKeyboard(window, "pw-u00001", 200);
  window.expect("and where it led to", new URL(page.url()).pathname === "/basic" && await spoken() === "ar,rtl");
  await window.go("/");
  await page.waitForSelector("nav");
  window.expect("the office too", await spoken() === "ar,rtl");
  await window.go("/basic?lang=de");
  await window.go("/");
  await page.waitForSelector("nav");
  window.expect("what is chosen last counts", await spoken() === "de,ltr");
  await window.context.close();
}

/** Each of the checks sees what it is there for. */
async function provesItself(browser) {
  const window = await Window.open(browser, "garonne", "fr-FR", SIZES[0]);
  await window.go("/login");
  await window.evaluate(`document.body.insertAdjacentHTML("beforeend",
    '<p class="wide-one" style="color: red">x</p><img src="/branding/initial.svg"><img alt="" src="https://elsewhere.test/"><a href="#x">x</a>');
    document.querySelector(".wide-one").style.inlineSize = "2000px"; document.querySelector(".card").style.color = "#777e85"; 0`);
  const found = (await window.faults()).join("\n");
  for (const sign of ["axe image-alt", "axe color-contrast", "2000 px in a window", "a target of", "ContentSecurityPolicyIssue", "the console: "]) {
    if (!found.includes(sign)) faults.push(`the check itself is blind: nothing of "${sign}" in ${found}`);
  }
  await window.context.close();
}

const browser = await launch(certificates, HOSTS);
try {
  const visits = HOSTS.flatMap((host) => SIZES.flatMap((size) => LANGUAGES.map((language) => [host, language, size])));
  visits.push(...SIZES.map((size) => ["garonne", LONGEST_WORDS, size]));
  // Two at a time: a browser waits for its gateway half of the time.
  const worker = async () => {
    for (let next = visits.shift(); next; next = visits.shift()) await visit(browser, ...next);
  };
  await Promise.all([worker(), worker()]);
  await chooses(browser);
  await administers(browser);
  await provesItself(browser);
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
