// Contacts in the office: a card is read with its picture, written, changed, grouped, moved, copied out of the directory, removed and had
// back; a book is made, shared by the page and removed; a message is begun to somebody. In two languages and two sizes.

import { readFileSync } from "node:fs";
import { bring, GOOGLE, look, OUTLOOK } from "./exchange_files.mjs";
import { discard, given, round } from "./office_round.mjs";

const [owner, colleague] = given;

await round(async (window) => {
  const { page } = window;
  await window.signIn(owner);
  await page.goto(`${window.base}/#/contacts`);
  await page.locator(".contacts [role=option]").first().waitFor();
  await window.check("contacts");
  await read(window);
  await book(window);
  await exchange(window);
  await write(window);
  await change(window);
  await group(window);
  await search(window);
  await directory(window);
  await move(window);
  await remove(window);
  await share(window);
  await shared(window);
  await message(window);
  await removeBook(window);
});

function isPhone(window) {
  return window.viewport.width < 760;
}

function named(window) {
  return `Amis ${window.name}`;
}

function row(page, text) {
  return page.locator("section.list [role=option]", { hasText: text }).first();
}

/** Opens the drawer, where the books are in one. */
async function aside(window) {
  const { page } = window;
  await list(window);
  if (!(await page.locator("aside").isVisible())) await page.locator(".places").click();
  await page.locator("aside .new").waitFor();
}

/** Goes back to the list, where a card hides it. */
async function list(window) {
  const { page } = window;
  if (isPhone(window) && await page.locator("article .back").isVisible()) await page.locator("article .back").click();
  await page.locator("section.list header h2").waitFor();
}

async function choose(window, name, icon) {
  const { page } = window;
  await aside(window);
  await page.locator("aside li", { hasText: name }).locator("[aria-haspopup=menu]").click();
  await page.locator(`[role=menu]:popover-open [role=menuitem]:has(use[href$='#${icon}'])`).first().click();
}

async function toBook(window, name) {
  await aside(window);
  await window.page.locator("aside nav a", { hasText: name }).click();
  await window.page.locator("section.list header h2", { hasText: name }).waitFor();
}

/** A card of another program's, with its picture, which is the card's own. */
async function read(window) {
  const { page } = window;
  await row(page, "Zoë Dupré").click();
  await page.locator("article h2", { hasText: "Zoë Dupré" }).waitFor();
  await page.locator("article .face img").waitFor();
  await window.check("card");
  const text = await page.locator("article").innerText();
  window.expect(`all of the card is told: ${text}`, ["zoe@a.test", "+33 5 61 00 00 00", "Chimie", "1980", "deux\nlignes"].every((it) => text.includes(it)));
  await page.locator("article .acts .button:has(use[href$='#pencil'])").click();
  const dialog = page.locator("dialog");
  await dialog.locator("fieldset.group .add").click();
  await dialog.locator("[name^=street]").last().fill("12 rue Neuve");
  await dialog.locator("[name^=postcode]").last().fill("31000");
  await dialog.locator("[name^=locality]").last().fill("Toulouse");
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("article dd", { hasText: "31000 Toulouse" }).first().waitFor();
  window.expect("the picture is still there", await page.locator("article .face img").count() === 1);
}

async function book(window) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await aside(window);
  await window.check("books");
  await page.locator("aside > .button.plain:not(.import)").click();
  await dialog.locator("[name=called]").fill(`Ami ${window.name}`);
  await window.check("new book");
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await choose(window, `Ami ${window.name}`, "pencil");
  await dialog.locator("[name=called]").fill(named(window));
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await toBook(window, named(window));
  await page.locator("section.list .empty").waitFor();
  await window.check("no cards");
}

/** Tables of other programs come into the book, after one has seen what would come; what is no such file is refused; the book is taken out. */
async function exchange(window) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await choose(window, named(window), "upload");
  await look(page, { name: "plan.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") });
  await dialog.locator("[role=alert]").waitFor();
  // Browsers say so themselves of what is refused.
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !it.includes("status of 400")));
  window.expect("what is nothing cannot be brought in", await dialog.locator(".foot .go").isDisabled());
  await window.check("import refused");
  const would = await look(page, GOOGLE);
  window.expect(`two of Google's would come: ${would}`, would === "new 2");
  window.expect("they are named", (await dialog.locator("tbody").innerText()).includes("Inès Carvalho"));
  await window.check("import preview");
  const came = await bring(page);
  window.expect(`two have come: ${came}`, came === "new 2");
  await dialog.locator(".foot .button:not(.primary)").click();
  const faults = await look(page, OUTLOOK);
  window.expect(`two of Outlook's would come, and one cannot: ${faults}`, faults === "new 2, failed 1");
  window.expect("what is wrong is told by its line", (await dialog.locator("tbody tr").first().innerText()).startsWith("4"));
  await window.check("import faults");
  await bring(page);
  await window.check("import done");
  // Brought in again they make nothing twice.
  await dialog.locator(".foot .button:not(.primary)").click();
  const again = await look(page, GOOGLE);
  window.expect(`they are there already: ${again}`, again === "same 2" && await dialog.locator(".foot .go").isDisabled());
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await toBook(window, named(window));
  for (const name of ["Inès Carvalho", "Weiß", "Noël Quéré"]) await row(page, name).waitFor();
  await row(page, "Lefèvre").click();
  await page.locator("article h2", { hasText: "Hélène Lefèvre" }).waitFor();
  const text = await page.locator("article").innerText();
  window.expect(`all that the table has is told: ${text}`, ["06 12 34 56 78", "helene.lefevre@a.test", "31042 Toulouse", "DSI", "1980"].every((it) => text.includes(it)));
  const download = page.waitForEvent("download");
  await choose(window, named(window), "download");
  const file = readFileSync(await (await download).path(), "utf8");
  window.expect(`the book is taken out whole: ${file}`, ["Inès Carvalho", "jonas.weiss@c.test", "Hélène", "Quéré"].every((it) => file.includes(it)));
}

/** Writes a card by the form, which says what is missing. */
async function write(window) {
  const { page } = window;
  await page.keyboard.press("c");
  const dialog = page.locator("dialog");
  await dialog.locator(".foot .primary").click();
  await dialog.locator(".wrong").waitFor();
  await window.check("nameless");
  await dialog.locator("[name=given]").fill("سلمى");
  await dialog.locator("[name=surname]").fill(`Benali ${window.name}`);
  window.expect("the name goes with the two", await dialog.locator("[name=full]").inputValue() === `سلمى Benali ${window.name}`);
  await dialog.locator("[name=mail-0]").fill("salma@a.test");
  await dialog.locator("fieldset .add").first().click();
  await dialog.locator("[name=mail-1]").fill("salma@b.test");
  await dialog.locator("[name=mail-where-1]").selectOption("private");
  await dialog.locator("[name=phone-0]").fill("+33 6 00 00 00 00");
  await dialog.locator("[name=phone-where-0]").selectOption("mobile");
  await dialog.locator("[name=birthday]").fill("1990-02-03");
  await dialog.locator("[name=employer]").fill("Laboratoire");
  await dialog.locator("[name=note]").fill("note\nملاحظة");
  window.expect("it goes into the book that is open", (await dialog.locator("[name=book] option:checked").innerText()) === named(window));
  await window.check("card form");
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("article h2", { hasText: "Benali" }).waitFor();
  await window.check("new card");
}

/** What was typed is there when it is opened again. */
async function change(window) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await page.keyboard.press("e");
  await dialog.waitFor();
  const values = await dialog.locator("form").evaluate((form) => Object.fromEntries(new FormData(form)));
  const expected = { given: "سلمى", "mail-1": "salma@b.test", "mail-where-1": "private", "phone-where-0": "mobile", birthday: "1990-02-03", employer: "Laboratoire" };
  for (const [name, value] of Object.entries(expected)) window.expect(`${name} is "${values[name]}"`, values[name] === value);
  await dialog.locator("[name=title]").fill("Chimiste");
  await dialog.locator(".line button").nth(1).click();
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("article header p", { hasText: "Chimiste" }).waitFor();
  await page.locator("article dd", { hasText: "salma@b.test" }).waitFor({ state: "detached" });
}

async function group(window) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await aside(window);
  await page.locator("aside > .button:has(use[href$='#users'])").click();
  await dialog.locator("[name=called]").fill(`Groupe ${window.name}`);
  await dialog.locator("[name=look-for]").fill("benali");
  await dialog.locator("label", { hasText: `Benali ${window.name}` }).locator("input").check();
  await window.check("group form");
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("article h2", { hasText: `Groupe ${window.name}` }).waitFor();
  await page.locator("article li", { hasText: "Benali" }).waitFor();
  await window.check("group");
  await page.locator("article li button", { hasText: "Benali" }).click();
  await page.locator("article li", { hasText: `Groupe ${window.name}` }).waitFor();
}

/** One field looks through all books and the directory; accents do not count. */
async function search(window) {
  const { page } = window;
  await list(window);
  await page.locator("[name=look-for]").fill("dupre");
  await row(page, "Zoë Dupré").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator("article h2").waitFor();
  await list(window);
  await window.check("found");
  await page.locator("[name=look-for]").fill("qqqqqq");
  await page.locator("section.list .empty h2").waitFor();
}

/** The directory lists nobody, finds by letters, and what is found is copied into one's own book. */
async function directory(window) {
  const { page } = window;
  await aside(window);
  await page.locator("aside nav a:has(use[href$='#globe'])").click();
  await page.locator("section.list .empty").waitFor();
  window.expect("the directory lists nobody", await page.locator("section.list [role=option]").count() === 0);
  await window.check("directory");
  await page.locator("[name=look-for]").fill(colleague);
  await page.locator("section.list [role=option]", { has: page.locator(".badge") }).first().click();
  await page.locator("article dd", { hasText: `${colleague}@a.test` }).waitFor();
  await window.check("directory card");
  window.expect("nobody changes the directory", await page.locator("article .acts .button:has(use[href$='#pencil'])").count() === 0);
  await page.locator("article .acts [aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#copy'])", { hasText: named(window) }).click();
  await page.locator("article .acts .button:has(use[href$='#pencil'])").waitFor();
  await page.locator("article .who .more", { hasText: named(window) }).waitFor();
}

async function move(window) {
  const { page } = window;
  const to = async (name) => {
    await page.locator("article .acts [aria-haspopup=menu]").click();
    await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#folder-input'])", { hasText: name }).click();
    await page.locator("article .who .more", { hasText: name }).waitFor();
  };
  await toBook(window, named(window));
  await row(page, "Benali").click();
  await page.locator("article .who .more", { hasText: named(window) }).waitFor();
  await to("Service");
  window.expect("it is the same card", (await page.locator("article").innerText()).includes("Chimiste"));
  await to(named(window));
}

async function remove(window) {
  const { page } = window;
  await toBook(window, named(window));
  await row(page, "Benali").click();
  await page.locator("article h2", { hasText: "Benali" }).waitFor();
  await page.keyboard.press("#");
  await row(page, "Benali").waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "Benali" }).last().locator("button:not(.close)").click();
  await row(page, "Benali").waitFor();
}

async function share(window) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await choose(window, named(window), "share-2");
  await dialog.locator("[role=combobox]").pressSequentially(colleague);
  await dialog.locator("[role=option]").first().waitFor();
  await page.keyboard.press("Enter");
  await dialog.locator("li select").waitFor();
  await window.check("share book");
  window.expect("they may read", await dialog.locator("li select").inputValue() === "read");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

/** A colleague sees the book and changes nothing in it. */
async function shared(window) {
  const other = await window.constructor.open(window.context.browser(), { base: window.base, language: window.language, viewport: window.viewport, shots: window.shots });
  other.name = `${window.name} colleague`;
  const { page } = other;
  await other.signIn(colleague);
  await page.goto(`${other.base}/#/contacts`);
  await row(page, `Benali ${window.name}`).click();
  await page.locator("article h2", { hasText: "Benali" }).waitFor();
  await other.check("shared card");
  other.expect("who may read changes nothing", await page.locator("article .acts .button:has(use[href$='#pencil'])").count() === 0);
  window.faults.push(...other.faults);
  await other.context.close();
}

/** A message is begun to them. */
async function message(window) {
  const { page } = window;
  await toBook(window, named(window));
  await row(page, "Benali").click();
  await page.locator("article .acts .primary").click();
  await page.locator("div.compose", { hasText: "Benali" }).waitFor();
  await discard(page);
}

/** A book goes with its cards, and comes back when that is undone. */
async function removeBook(window) {
  const { page } = window;
  const at = page.locator("aside li", { hasText: named(window) });
  await choose(window, named(window), "trash-2");
  await at.waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: named(window) }).last().locator("button:not(.close)").click();
  await at.waitFor({ state: "attached" });
  await choose(window, named(window), "trash-2");
  await at.waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: named(window) }).last().waitFor({ state: "detached", timeout: 30_000 });
  await gone(page, named(window));
}

/** Waits until the store has no such book any more. */
async function gone(page, name) {
  await page.evaluate(async (name) => {
    const session = await (await fetch("/jmap/session")).json();
    const accountId = session.primaryAccounts["urn:ietf:params:jmap:contacts"];
    const body = JSON.stringify({ using: Object.keys(session.capabilities), methodCalls: [["AddressBook/get", { accountId, ids: null }, "c"]] });
    const headers = { "content-type": "application/json" };
    for (let tries = 0; tries < 200; tries += 1) {
      const [, { list }] = (await (await fetch(new URL(session.apiUrl).pathname, { method: "POST", headers, body })).json()).methodResponses[0];
      if (list.every((it) => it.name !== name)) return;
    }
    throw new Error(`${name} is still there`);
  }, name);
}
