// Files and settings of the office in Chromium, as three people use them: one who shares, a colleague, and a stranger with a
// link. Each view in two languages, of which one is written from right to left, and two sizes: accessible, quiet, of the width
// of the window. Prints the app password that was made, and what is wrong; ends with 1 then.
//
// node office_files.mjs CERTIFICATES PORT SHOTS LARGE ELSEWHERE: the folder of the hosts' certificates, the gateway's HTTPS port,
// where pictures go, a file that is sent in parts, and the port of a mail server elsewhere.

import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const [certificates, port, shots, large, elsewhere] = process.argv.slice(2);
const BASE = `https://garonne.localhost:${port}`;
const [OWNER, COLLEAGUE] = ["u00096", "u00097"];
const LARGE_NAME = large.split("/").at(-1);
const PASSWORD = "correct horse";
const faults = [];

/** A window of the office in files. */
class Window extends OfficeWindow {
  static open(browser, language, viewport) {
    return super.open(browser, { base: BASE, language, viewport, shots });
  }

  async signIn(login) {
    const { page } = this;
    await page.goto(`${BASE}/`);
    await page.fill("#login", login);
    await page.fill("#password", `pw-${login}`);
    await page.press("#password", "Enter");
    await page.waitForURL((url) => url.pathname === "/");
    await page.locator("nav a[href='#/files']").first().waitFor();
  }

  /** Goes to a view by its address and waits for something in it. */
  async go(hash, wanted) {
    await this.page.evaluate((hash) => (location.hash = hash), hash);
    await this.page.locator(wanted).first().waitFor();
  }

  async check(what) {
    // An answer that refuses is a word on the console: a folder that is not there, a broken upload, a server elsewhere.
    const wanted = (complaint) => !/\/nowhere\/\)$|\/dav\/uploads\/|\/api\/external-mail\)$/.test(complaint);
    this.complaints.splice(0, Infinity, ...this.complaints.filter(wanted));
    await super.check(what);
    faults.push(...this.faults.splice(0));
  }

  expect(what, right) {
    super.expect(what, right);
    faults.push(...this.faults.splice(0));
  }

  row(name) {
    return this.page.locator("[role=option]", { hasText: name });
  }
}

const icon = (name) => `button:has(use[href$='#${name}'])`;

/** What the owner does, once. */
async function work(owner) {
  const { page } = owner;
  await owner.go("#/files", "[role=listbox], .empty");
  await owner.check("begin");
  await page.setInputFiles("input[type=file]", [
    { name: "Notes de cours.md", mimeType: "text/markdown", buffer: Buffer.from("# Cours\n\n- un **point**\n- <script>alert(1)</script>\n\n[ici](javascript:alert(2)) et [là](https://example.org)\n") },
    { name: "محاضرة.txt", mimeType: "text/plain", buffer: Buffer.from("نص") },
  ]);
  await owner.row("Notes de cours.md").waitFor();
  await owner.row("محاضرة.txt").waitFor();
  // The line breaks in the second part; what is there is not sent again.
  const sent = [];
  page.on("request", (request) => request.method() === "PUT" && request.url().includes("/dav/uploads/") && sent.push(request.url().split("/").at(-1)));
  await page.route("**/dav/uploads/**/2", (route) => route.abort(), { times: 1 });
  await page.setInputFiles("input[type=file]", large);
  await page.locator(".panel .why").waitFor();
  await owner.check("upload broken off");
  await page.locator(".panel .why + .button").click();
  await owner.row(LARGE_NAME).waitFor();
  owner.expect(`the parts were sent as ${sent}`, sent.join() === "1,2,2,3");
  await owner.check("uploaded");
  await page.locator(`.panel header ${icon("x")}`).click();
  // A folder, and what is moved into it by the menu, and back by undoing it.
  await page.locator(icon("folder-plus")).click();
  await page.locator("dialog input").fill("Projet commun");
  await owner.check("new folder");
  await page.press("dialog input", "Enter");
  await owner.row("Projet commun").waitFor();
  await owner.row("Notes de cours.md").click();
  await page.keyboard.press("v");
  await page.locator("dialog li button", { hasText: "Projet commun" }).click();
  await page.locator("dialog .foot .primary:not([disabled])").click();
  await owner.row("Notes de cours.md").waitFor({ state: "detached" });
  await page.locator(".toast button:not(.close)").first().click();
  await owner.row("Notes de cours.md").waitFor();
  // Deleted and taken back before it was done.
  await owner.row("محاضرة.txt").click();
  await page.keyboard.press("#");
  await owner.row("محاضرة.txt").waitFor({ state: "detached" });
  await page.locator(".toast button:not(.close)").last().click();
  await owner.row("محاضرة.txt").waitFor();
  await owner.row("Notes de cours.md").dblclick();
  await page.locator("dialog .text strong").waitFor();
  owner.expect("Markdown is text and links to the web", await page.locator("dialog .text script, dialog .text a[href^=javascript]").count() === 0
    && await page.locator("dialog .text a").count() === 1 && (await page.locator("dialog .text").textContent()).includes("<script>"));
  await owner.check("markdown");
  await page.locator(`dialog .top ${icon("x")}`).click();
  return share(owner, "Projet commun");
}

/** Shares a folder with a colleague, who is found by name, and by a link with a password; the link's address. */
async function share(owner, name) {
  const { page } = owner;
  await owner.row(name).click();
  // A finger opens the folder: the buttons are about it then.
  if (owner.viewport.width < 760) await page.locator(".folder .empty").waitFor();
  await page.locator(`.tools ${icon("user-plus")}`).click();
  await page.fill("dialog [role=combobox]", COLLEAGUE);
  await page.locator("dialog [role=option]").first().waitFor();
  await owner.check("found a colleague");
  await page.selectOption("dialog .give select", "write");
  await page.press("dialog [role=combobox]", "Enter");
  await page.locator("dialog li select").waitFor();
  await page.locator(`dialog ${icon("link")}`).click();
  await page.fill("dialog form input[type=password]", PASSWORD);
  await page.locator("dialog form .primary").click();
  await page.locator("dialog .made input").waitFor();
  const address = await page.inputValue("dialog .made input");
  await owner.check("shared");
  await page.locator(`dialog .top ${icon("x")}`).click();
  return address;
}

/** A folder of one's own. */
async function makeFolder(owner, name) {
  const { page } = owner;
  await owner.go("#/files", "[role=listbox]");
  await page.locator(icon("folder-plus")).click();
  await page.fill("dialog input", name);
  await page.press("dialog input", "Enter");
  await owner.row(name).waitFor();
}

/** The colleague opens what is shared and adds to it. */
async function colleague(browser, { language, viewport }, name) {
  const window = await Window.open(browser, language, viewport);
  const { page } = window;
  await window.signIn(COLLEAGUE);
  await window.go("#/files/shared", "section li > a");
  await window.check("received");
  await page.locator("li > a", { hasText: name }).click();
  await page.locator(".empty").waitFor();
  await page.setInputFiles("input[type=file]", { name: "réponse.txt", mimeType: "text/plain", buffer: Buffer.from("bonjour") });
  await window.row("réponse.txt").waitFor();
  await window.check("in the shared folder");
  await window.context.close();
}

/** A stranger has the link's address and its password, and no account. */
async function stranger(browser, { language, viewport }, address) {
  const window = await Window.open(browser, language, viewport);
  const { page } = window;
  await page.goto(address);
  window.expect("without the password there is nothing", !(await page.content()).includes("réponse.txt"));
  await page.fill("input[type=password]", PASSWORD);
  await window.check("link's password");
  await page.press("input[type=password]", "Enter");
  await page.locator("a", { hasText: "réponse.txt" }).waitFor();
  await window.check("link");
  await window.context.close();
}

/** An app password, which is shown this once. */
async function makePassword(owner) {
  const { page } = owner;
  await owner.go("#/settings/passwords", "form.card");
  await page.fill("form.card input", "Thunderbird");
  await page.locator("form.card .primary").click();
  await page.locator(".made input").waitFor();
  await owner.check("password made");
  return page.inputValue(".made input");
}

/** A signature and an absence, which are there when one comes back. */
async function mailSettings(owner) {
  const { page } = owner;
  const saved = async (section, text) => {
    await owner.go(`#/settings/${section}`, "form.card textarea");
    await page.locator("form.card textarea").first().fill(text);
    if (section === "absence") await page.check("form.card input[type=checkbox]");
    const isSaved = (response) => response.request().postData()?.includes("/set") === true;
    await Promise.all([page.waitForResponse(isSaved), page.locator("form.card .primary").first().click()]);
    await page.locator(".toast:not(.failed)").first().waitFor();
    await owner.check(`saved ${section}`);
    await owner.go("#/settings/looks", "input[value=dark]");
    await owner.go(`#/settings/${section}`, "form.card textarea");
    owner.expect(`${section} is kept`, await page.locator("form.card textarea").first().inputValue() === text);
  };
  await saved("identities", "Hélène Moreau\nUniversité Garonne");
  await saved("absence", "Je suis absente jusqu’à lundi.");
  await page.uncheck("form.card input[type=checkbox]");
  await page.locator("form.card .primary").click();
}

/** The tree at the side: what is made is in it at once; by keys; and what is dragged onto a folder of it is moved there. */
async function tree(window) {
  const { page } = window;
  const isSmall = window.viewport.width < 760;
  const [outer, inner] = [`Semestre ${window.name}`, `Travaux ${window.name}`];
  const folder = (name) => page.locator("aside [role=treeitem]", { hasText: name });
  await makeFolder(window, outer);
  await makeFolder(window, inner);
  if (isSmall) await page.locator(".drawer").click();
  await folder(outer).waitFor();
  if (isSmall) {
    await folder(outer).click();
    await page.locator("aside.open").waitFor({ state: "detached" });
    window.expect("a folder of the tree leads there", await page.locator("h2", { hasText: outer }).count() === 1);
    return window.go("#/files", "[role=listbox]");
  }
  await window.row(inner).dragTo(folder(outer));
  await window.row(inner).waitFor({ state: "detached" });
  const [open, close] = await page.evaluate(() => (document.dir === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"]));
  await folder(outer).focus();
  await page.keyboard.press(open);
  await folder(inner).waitFor();
  await page.keyboard.press(open);
  await page.keyboard.press("Enter");
  await page.locator(".folder .empty").waitFor();
  window.expect("one is where the keys led", await page.locator("aside [aria-current=page]").textContent() === inner);
  await window.check("tree");
  await page.keyboard.press(close);
  await page.keyboard.press(close);
  await folder(inner).waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  await window.row(inner).waitFor();
  return window.go("#/files", "[role=listbox]");
}

/** A mail account elsewhere: refused with a wrong password, added, and removed. */
async function elsewhereAccount(window) {
  const { page } = window;
  await window.go("#/settings/external", "form.card");
  const fields = page.locator("form.card input");
  for (const [at, value] of ["Autan", "127.0.0.1", elsewhere, OWNER, "wrong"].entries()) await fields.nth(at).fill(value);
  await page.locator("form.card .primary").click();
  await page.locator("form.card [aria-invalid=true]").waitFor();
  await window.check("refused elsewhere");
  await fields.nth(4).fill(`pw-${OWNER}`);
  await page.locator("form.card .primary").click();
  await page.locator("ul.rows li", { hasText: "Autan" }).waitFor();
  await window.check("elsewhere");
  await page.locator("ul.rows li .danger").click();
  await page.locator("ul.rows li").waitFor({ state: "detached" });
}

/** Every view, in a language and a size. */
async function look(window) {
  const { page } = window;
  const isSmall = window.viewport.width < 760;
  await window.go("#/files", "[role=listbox]");
  await window.check("files");
  await page.locator(icon("layout-grid")).click();
  await page.locator(".grid [role=option]").first().waitFor();
  await window.check("grid");
  await page.locator(icon("layout-grid")).click();
  if (isSmall) {
    await page.locator(".drawer").click();
    await page.locator("aside.open").waitFor();
    await window.check("places");
    await page.locator("aside a[href='#/files/given']").click();
  } else {
    await page.locator("aside a[href='#/files/given']").click();
  }
  await page.locator("li > a", { hasText: "Projet commun" }).waitFor();
  await window.check("given");
  await page.locator(`li ${icon("user-plus")}`).first().click();
  await page.locator("dialog li select").waitFor();
  await window.check("share");
  await page.locator(`dialog .top ${icon("x")}`).click();
  await window.go("#/files/shared", "section .empty, section li > a");
  await window.check("received");
  await window.go("#/files/search?q=cours", "section li > a");
  await window.check("search");
  await window.go(`#/files/at/${OWNER}/nowhere`, "[role=alert]");
  await window.check("nowhere");
  for (const section of ["looks", "keys", "identities", "absence", "passwords", "sessions", "access"]) {
    await window.go(`#/settings/${section}`, ".page :is(p, ul, form)");
    if (["identities", "absence", "passwords"].includes(section)) await page.locator("form.card").first().waitFor();
    await window.check(`settings ${section}`);
  }
}

/** What was chosen in one browser is there in another from the first stroke on: it stands in the page. */
async function another(browser, owner) {
  const kept = (response) => response.url().endsWith("/api/looks") && response.status() === 204;
  await owner.go("#/settings/looks", "input[value=compact]");
  await Promise.all([owner.page.waitForResponse(kept), owner.page.check("input[value=compact]")]);
  await Promise.all([owner.page.waitForResponse(kept), owner.page.selectOption("select[name=language]", "it")]);
  const other = await Window.open(browser, "fr-FR", { width: 1440, height: 900 });
  await other.signIn(OWNER);
  const page = await other.evaluate("fetch('/').then((response) => response.text())");
  other.expect("the page has the looks", page.includes('<html lang="it" dir="ltr" data-language="it" data-theme="dark" data-density="compact">'));
  const shown = () => other.evaluate("(({ lang, dataset }) => [lang, dataset.theme, dataset.density].join())(document.documentElement)");
  other.expect("the office has them", await shown() === "it,dark,compact");
  await other.page.goto(`${BASE}/basic`);
  other.expect("the page without script too", await other.evaluate("document.documentElement.lang") === "it");
  await other.context.close();
}

const browser = await launch(certificates, ["garonne"]);
try {
  const owner = await Window.open(browser, "fr-FR", { width: 1440, height: 900 });
  await owner.signIn(OWNER);
  const address = await work(owner);
  await colleague(browser, owner, "Projet commun");
  await stranger(browser, owner, address);
  console.log(`password ${await makePassword(owner)}`);
  await mailSettings(owner);
  for (const language of ["fr-FR", "ar"]) {
    for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      const window = await Window.open(browser, language, viewport);
      await window.signIn(OWNER);
      await look(window);
      await tree(window);
      await elsewhereAccount(window);
      const name = `Projet ${window.name}`;
      await makeFolder(window, name);
      const link = await share(window, name);
      await colleague(browser, window, name);
      await stranger(browser, window, link);
      await makePassword(window);
      await window.context.close();
    }
  }
  // Dark, once.
  await owner.go("#/settings/looks", "input[value=dark]");
  await owner.page.check("input[value=dark]");
  await owner.go("#/files", "[role=listbox]");
  owner.name = "dark";
  await owner.check("files");
  await another(browser, owner);
} catch (error) {
  faults.push(error.stack ?? String(error));
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
