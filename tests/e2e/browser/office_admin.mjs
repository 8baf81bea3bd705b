// The console of administrators in Chromium: in each of two languages, of which one is written from right to left, and two sizes,
// an account and a group live from their making to their end, a filter is tried, a file imported, and the trail has it all.
// Accessible, quiet, of the width of the window in every view. Somebody who administers nothing finds nothing.
//
// node office_admin.mjs CERTIFICATES PORT SHOTS LOGIN STRANGER: as office.mjs; who administers, and who does not.

import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const [certificates, port, shots, administrator, stranger] = process.argv.slice(2);
const base = `https://garonne.localhost:${port}`;
const faults = [];
/** Rows of a file that the browser sends in two parts. */
const MANY = 210;

/** A window of the office in its console. */
class Console extends OfficeWindow {
  async signIn(login) {
    const { page } = this;
    await page.goto(`${base}/`);
    await page.fill("#login", login);
    await page.fill("#password", `pw-${login}`);
    await page.press("#password", "Enter");
    await page.waitForURL((url) => url.pathname === "/");
    await page.locator("nav a[href='#/mail']").first().waitFor();
  }

  /** Goes to a view by its address and waits for something in it. */
  async go(hash, wanted) {
    await this.page.evaluate((hash) => (location.hash = hash), hash);
    await this.page.locator(wanted).first().waitFor();
  }

  /** Does what makes a toast say that it is done, and lets it go. */
  async done(act) {
    const { page } = this;
    await act();
    await page.locator(".toast:not(.failed)").first().waitFor();
    await page.locator(".toast .close").first().click();
    await page.locator(".toast").first().waitFor({ state: "detached" });
  }

  /** Answers of the gateway that are tried here, which the browser logs. */
  forgive(status) {
    this.complaints.splice(0, Infinity, ...this.complaints.filter((it) => !it.includes(`status of ${status}`)));
  }

  ask(path) {
    return this.page.evaluate((path) => fetch(path).then(async (it) => ({ status: it.status, body: await it.text() })), path);
  }

  action(icon) {
    return this.page.locator(`.actions button:has(use[href$='#${icon}'])`);
  }
}

const submit = (page) => page.locator("dialog .foot .button").click();

/** An account from its making to its end. */
async function account(window, login) {
  const { page } = window;
  await window.go("#/admin/accounts", ".rows li");
  await window.check("accounts");
  await page.locator(".tools .primary").click();
  const fields = page.locator("dialog input");
  await fields.nth(0).fill(login);
  await fields.nth(1).fill(`Nadia ${login}`);
  await page.locator("dialog textarea").fill(`${login}@a.test`);
  await fields.nth(4).fill("a word");
  await window.check("new account");
  await window.done(() => submit(page));
  await page.locator(".head h3", { hasText: login }).waitFor();
  // The same again is told, in the dialog, and nothing typed is lost.
  await window.go("#/admin/accounts", ".rows li");
  await page.locator(".tools .primary").click();
  await fields.nth(0).fill(login);
  await submit(page);
  await page.locator("dialog [role=alert]").waitFor();
  window.expect("what was typed stays", (await fields.nth(0).inputValue()) === login);
  window.forgive(409);
  await page.keyboard.press("Escape");
  // Found by a part of the name.
  await page.locator("section input[type=search]").fill(`nadia ${login}`);
  await page.waitForFunction(() => document.querySelectorAll(".rows li").length === 1);
  await window.check("account found");
  await page.locator(".rows a", { hasText: login }).click();
  await page.locator(".head h3").waitFor();
  const [details, card] = [page.locator("form.card").nth(0), page.locator("form.card").nth(1)];
  await details.locator("textarea").nth(1).fill("+33 5 00 00 00 00");
  await window.done(() => details.locator(".primary").click());
  await card.locator("input").nth(0).fill("Service des études");
  await card.locator("input").nth(3).fill("Bureau 2026");
  await card.locator("input[type=date]").fill("2098-08-31");
  await window.done(() => card.locator(".primary").click());
  await page.locator(".rows, .hint").last().waitFor();
  await window.check("card");
  await page.locator(".page").evaluate((page) => page.parentElement.scrollTo(0, 0));
  await window.check("account");
  // It is so for the gateway too, and still when one comes again.
  const { body } = await window.ask(`/api/admin/account?login=${login}`);
  const told = JSON.parse(body);
  window.expect(`the card is kept: ${body}`, told.card.texts.owner === "Service des études" && told.card.ends === "2098-09-01T00:00:00Z");
  await window.go("#/admin/trail", ".rows li");
  await window.go(`#/admin/accounts/${login}`, ".head h3");
  window.expect("the card is shown", (await card.locator("input").nth(3).inputValue()) === "Bureau 2026");
  window.expect("the end is shown", (await card.locator("input[type=date]").inputValue()) === "2098-08-31");
  await overtaken(window, login, told.card.version);
}

/** Somebody else writes the card meanwhile: who comes later sees what is there now, and writes again. */
async function overtaken(window, login, version) {
  const { page } = window;
  const card = page.locator("form.card").nth(1);
  const status = await page.evaluate((content) => fetch("/api/admin/accounts/card", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content),
  }).then((it) => it.status), { login, version, texts: { comment: "Vu" } });
  window.expect(`somebody else writes: ${status}`, status === 200);
  const [owner, comment] = [card.locator("input").nth(0), card.locator("input").nth(6)];
  await owner.fill("Trop tard");
  await card.locator(".primary").click();
  await card.locator("[role=alert]").waitFor();
  window.forgive(409);
  window.expect("what is there now is seen", (await owner.inputValue()) === "Service des études" && (await comment.inputValue()) === "Vu");
  await window.check("card overtaken");
  await owner.fill("À temps");
  await window.done(() => card.locator(".primary").click());
}

/** Its group, from its making to its end. */
async function group(window, login) {
  const { page } = window;
  const name = `${login}-group`;
  await window.go("#/admin/groups", ".rows li");
  await window.check("groups");
  await page.locator(".tools .primary").click();
  await page.locator("dialog input:not([type=radio])").nth(0).fill(name);
  await page.locator("dialog input:not([type=radio])").nth(1).fill("Pour essayer");
  await window.done(() => submit(page));
  await page.locator(".title", { hasText: name }).waitFor();
  const members = page.locator("form.card").nth(1);
  await members.locator("input").fill(`${login} u00005`);
  await window.done(() => members.locator(".primary").click());
  await page.locator(".rows li", { hasText: login }).waitFor();
  await page.locator(".rows li", { hasText: "u00005" }).waitFor();
  await window.check("members");
  // Taken out, and taken back.
  await page.locator(".rows li", { hasText: "u00005" }).locator("button").click();
  await page.locator(".rows li", { hasText: "u00005" }).waitFor({ state: "detached" });
  await page.locator(".toast button:not(.close)").click();
  await page.locator(".rows li", { hasText: "u00005" }).waitFor();
  const held = JSON.parse((await window.ask(`/api/admin/account?login=${login}`)).body).groups;
  window.expect(`it is in the group: ${held}`, held.includes(name));
  // Whom a filter would find.
  await window.go("#/admin/groups", ".rows li");
  await page.locator(".tools .primary").click();
  await page.locator("dialog input[value=dynamic]").check();
  await page.locator("dialog textarea").fill("(uid=u0000*)");
  await page.locator("dialog .preview li").nth(8).waitFor();
  window.expect("nine people are found", (await page.locator("dialog .preview li").count()) === 9);
  await window.check("filter");
  await page.locator("dialog textarea").fill("(uid=u0*)");
  await page.locator("dialog .preview li").nth(19).waitFor();
  window.expect("the first twenty are named", (await page.locator("dialog .preview li").count()) === 20);
  await page.locator("dialog textarea").fill("(uid=u0000");
  await page.locator("dialog .preview .wrong").waitFor();
  window.forgive(400);
  await page.locator("dialog textarea").fill(`(uid=${login})`);
  await page.locator("dialog .preview li", { hasText: login }).waitFor();
  await page.locator("dialog input:not([type=radio])").nth(0).fill(`${login}-dynamic-group`);
  await window.done(() => submit(page));
  await page.locator(".title", { hasText: "dynamic" }).waitFor();
  await page.locator(".preview li", { hasText: login }).waitFor();
  await window.check("dynamic group");
  // Both go, once their names are typed.
  for (const gone of [`${login}-dynamic-group`, name]) {
    await window.go(`#/admin/groups/${gone}`, ".title");
    await window.action("trash-2").click();
    await page.locator("dialog input").fill(gone);
    await window.done(() => submit(page));
    await page.locator("section input[type=search]").waitFor();
  }
}

/** Its other login, its lock and its end. */
async function end(window, login) {
  const { page } = window;
  const renamed = `${login}-2`;
  await window.go(`#/admin/accounts/${login}`, ".head h3");
  await window.action("pencil").click();
  await page.locator("dialog input").fill(renamed);
  await window.check("rename");
  await window.done(() => submit(page));
  await page.locator(".head .more", { hasText: renamed }).waitFor();
  await window.action("lock").click();
  await window.done(() => submit(page));
  await page.locator(".badge.bad").waitFor();
  await window.action("trash-2").click();
  await page.locator("dialog input").fill(login);
  window.expect("another's name deletes nothing", await page.locator("dialog .foot .danger").isDisabled());
  await page.locator("dialog input").fill(renamed);
  await window.check("delete");
  await window.done(() => submit(page));
  await page.waitForFunction(() => document.querySelectorAll(".actions button").length === 1);
  await window.check("out of use");
}

/** A file is tried, with rows that cannot be, and then written. */
async function file(window, login) {
  const { page } = window;
  const rows = [
    "login,name,mails,password", `${login}-file1,Inès Martin,${login}-file1@a.test,a word`, `${login}-file2,Omar Haddad,,`,
    `${login}-file3,Ailleurs,x@b.test,`, ",Sans identifiant,,", `${login}-file1,Encore,,`,
  ];
  await window.go("#/admin/import", "input[type=file]");
  await page.setInputFiles("input[type=file]", { name: "console.csv", mimeType: "text/csv", buffer: Buffer.from(rows.join("\n")) });
  await page.locator(".actions button").first().click();
  await page.locator("tbody tr.bad").nth(2).waitFor();
  const wrong = await page.locator("tbody tr.bad .line").allInnerTexts();
  window.expect(`what is wrong is told by its line: ${wrong}`, wrong.join() === "4,5,6");
  await window.check("import tried");
  const before = JSON.parse((await window.ask(`/api/admin/accounts?q=${login}-file`)).body).accounts;
  window.expect(`nothing is written by trying: ${before.length}`, before.length === 0);
  const written = page.waitForResponse((answer) => answer.url().endsWith("/api/admin/import"));
  await page.locator(".actions button").nth(1).click();
  await written;
  await page.locator("tbody tr:not(.bad)").nth(1).waitFor();
  await window.check("import written");
}

/** A file of two parts, of which the second does not come through at first. */
async function many(window) {
  const { page } = window;
  const rows = Array.from({ length: MANY }, (_, row) => `console-many${String(row).padStart(3, "0")},Personne ${row}`);
  await window.go("#/admin/accounts", ".rows li");
  await window.go("#/admin/import", "input[type=file]");
  await page.setInputFiles("input[type=file]", { name: "many.csv", mimeType: "text/csv", buffer: Buffer.from(["login,name", ...rows].join("\n")) });
  await page.locator(".actions button").first().click();
  await page.locator(".actions .primary:not([disabled])").waitFor();
  let parts = 0;
  await page.route("**/api/admin/import", (route) => ((parts += 1) === 2 ? route.abort() : route.continue()));
  await page.locator(".actions button").nth(1).click();
  await page.locator(".stopped").waitFor();
  await page.unroute("**/api/admin/import");
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !it.includes("ERR_FAILED")));
  await window.check("import stopped");
  await page.locator(".stopped button").click();
  await page.waitForFunction((most) => document.querySelectorAll("tbody tr").length === most, MANY);
  await window.check("import done");
}

async function trail(window, login) {
  const { page } = window;
  await window.go("#/admin/trail", ".rows li");
  await window.check("trail");
  await page.locator("section input[type=search]").fill(login);
  await page.waitForFunction((login) => [...document.querySelectorAll(".rows .target")].every((it) => it.textContent === login), login);
  const methods = await page.locator(".rows code").allInnerTexts();
  for (const method of ["account.create", "account.update", "account.card", "account.rename"]) {
    window.expect(`the trail has ${method}: ${methods}`, methods.includes(method));
  }
  window.expect("it says what was refused", methods.includes("conflict"));
  const text = await page.locator(".rows").innerText();
  window.expect("it has no password", text.includes("(hidden)") && !text.includes("a word"));
  await window.check("trail of one");
}

async function clients(window) {
  const { page } = window;
  await window.go("#/admin/clients", "form.card");
  const fields = page.locator("form.card input");
  await fields.nth(0).fill("Portail");
  await fields.nth(1).fill("account.get group.*");
  await page.locator("form.card .primary").click();
  await page.locator(".made input").waitFor();
  window.expect("the token is shown", (await page.inputValue(".made input")).length > 20);
  await page.locator(".rows li", { hasText: "Portail" }).waitFor();
  await window.check("programs");
  await window.done(() => page.locator(".rows li", { hasText: "Portail" }).locator("button").click());
  await page.locator(".rows li", { hasText: "Portail" }).waitFor({ state: "detached" });
}

/** Who signed on too long ago is told so, signs on in another window, and finds what was asked for. */
async function afresh(window) {
  const { page, context } = window;
  const stale = { type: "about:blank", status: 403, kind: "stale", title: "", next: "/login?next=%2F%23%2Fadmin&again=1" };
  await page.route("**/api/admin/groups?*", (route) => route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(stale) }), { times: 1 });
  await page.evaluate(() => (location.hash = "#/admin/groups"));
  const dialog = page.locator("dialog[open]");
  await dialog.waitFor();
  window.forgive(403);
  await window.check("sign on again");
  const [elsewhere] = await Promise.all([context.waitForEvent("page"), dialog.locator(".primary").click()]);
  await elsewhere.fill("#login", administrator);
  await elsewhere.fill("#password", `pw-${administrator}`);
  await elsewhere.press("#password", "Enter");
  await elsewhere.locator("a[href='#/admin/accounts'][aria-current]").waitFor();
  await elsewhere.close();
  // Coming back may be answer enough.
  await dialog.locator(".button").first().click({ timeout: 2000 }).catch(() => undefined);
  await dialog.waitFor({ state: "detached" });
  await page.locator(".rows li").first().waitFor();
}

async function nobody(browser) {
  const window = await Console.open(browser, { base, language: "fr-FR", viewport: { width: 1440, height: 900 }, shots });
  const { page } = window;
  await window.signIn(stranger);
  window.expect("the console does not show", (await page.locator("nav a[href='#/admin']").count()) === 0);
  await window.go("#/admin/accounts", "nav a[href='#/mail'][aria-current]");
  for (const path of ["/api/admin", "/api/admin/accounts?q=u0000", "/api/admin/account?login=u00001", "/api/admin/nothing"]) {
    const { status } = await window.ask(path);
    window.expect(`${path} is not there, not ${status}`, status === 404);
  }
  window.forgive(404);
  await window.check("a stranger");
  faults.push(...window.faults);
  await window.context.close();
}

const browser = await launch(certificates, ["garonne"]);
try {
  await nobody(browser);
  for (const language of ["fr-FR", "ar"]) {
    for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      const window = await Console.open(browser, { base, language, viewport, shots });
      const login = `console-${language.slice(0, 2)}-${viewport.width}`;
      try {
        await window.signIn(administrator);
        await window.go("#/admin", ".rows li");
        window.expect("the page without script is a step away", (await window.page.locator("nav a[href='/admin']").count()) === 1);
        await account(window, login);
        await group(window, login);
        await end(window, login);
        await file(window, login);
        await trail(window, login);
        await clients(window);
        if (window.name === "fr-FR 1440") {
          await many(window);
          await afresh(window);
          await dark(window, login);
        }
      } catch (error) {
        for (const [number, page] of window.context.pages().entries()) {
          await page.screenshot({ path: `${shots}/failed-console-${window.name.replaceAll(" ", "-")}-${number}.png` });
          window.faults.push(`${window.name}: at ${page.url()}`);
        }
        window.faults.push(`${window.name}: ${error.stack}`);
      }
      faults.push(...window.faults, ...window.complaints.map((it) => `${window.name}: ${it}`));
      await window.context.close();
    }
  }
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);

/** Every view once in the dark. */
async function dark(window, login) {
  await window.go("#/settings/looks", "input[value=dark]");
  await window.page.check("input[value=dark]");
  window.name = "dark";
  await window.go(`#/admin/accounts/${login}-2`, ".head h3");
  await window.check("account");
  await window.go("#/admin/groups", ".rows li");
  await window.check("groups");
  await window.go("#/admin/trail", ".rows li");
  await window.check("trail");
  await window.go("#/admin/import", "input[type=file]");
  await window.check("import");
  // The looks go with the account, and the windows that come are looked at in the light.
  await window.go("#/settings/looks", "input[value=system]");
  const kept = window.page.waitForResponse((response) => response.url().endsWith("/api/looks"));
  await Promise.all([kept, window.page.check("input[value=system]")]);
}
