// Tasks in the office: what another program has written is there; a list is made, named anew, shared and removed; tasks are added by a line,
// written by the form, put under each other by keys and by a mouse, done and had back, found and sorted; what another program changes
// meanwhile is not overwritten; nothing that was typed is lost; a task is made of a message. In two languages and two sizes.

import { readFileSync } from "node:fs";
import { given, round } from "./office_round.mjs";
import { call, choose, collection, forgive, isPhone, named, removeCollection, row, share, to } from "./office_side.mjs";

const [owner, colleague] = given;
const TASKS = "urn:ietf:params:jmap:tasks";

await round(async (window) => {
  const { page } = window;
  await window.signIn(owner);
  await page.goto(`${window.base}/#/tasks`);
  await page.locator(".tasks .row").first().waitFor();
  await window.check("tasks today");
  await views(window);
  await collection(window, "task list");
  await window.check("no tasks");
  await add(window);
  await form(window);
  await parts(window);
  if (!isPhone(window)) await drag(window);
  await tick(window);
  await repeat(window);
  await sort(window);
  await exported(window);
  await search(window);
  await clash(window);
  await lost(window);
  await share(window, colleague, "share tasks");
  await shared(window);
  await fromMail(window);
  await remove(window);
  if (!isPhone(window)) await dark(window);
  await removeCollection(window, (page) => call(page, TASKS, "TaskList/get", { ids: null }));
});

/** So many days from today, as fields of dates have it. */
function day(offset = 0) {
  const now = new Date();
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

/** What stands before a title: how deep it is. */
function depth(page, title) {
  return row(page, title).evaluate((it) => {
    let deep = 0;
    for (let at = it.parentElement; at && !at.matches("section"); at = at.parentElement) deep += at.matches(".under") ? 1 : 0;
    return deep;
  });
}

async function open(window, title) {
  await row(window.page, title).locator("a").click();
  await window.page.locator("section.read [name=title]").waitFor();
}

async function save(window) {
  const { page } = window;
  await page.locator("section.read .primary").click();
  await page.locator("section.read").waitFor({ state: "detached" });
}

async function write(window, title, due = "") {
  const { page } = window;
  await page.locator("[name=new-task]").fill(title);
  await page.locator("[name=new-due]").fill(due);
  await page.locator("[name=new-task]").press("Enter");
  await row(page, title).waitFor();
  await emptied(page);
}

/** It is seen as soon as the server tells of it, which may be before it is told that it was made. */
async function emptied(page) {
  await page.waitForFunction(() => document.querySelector("[name=new-task]").value === "");
}

/** What another program has written: late ones first, then those of today; all of them each under its own. */
async function views(window) {
  const { page } = window;
  const heads = page.locator(".list h3");
  window.expect("what is late comes first", await heads.first().evaluate((it) => it.classList.contains("late")) && await heads.count() === 2);
  await row(page, "Rendre les clés").waitFor();
  await row(page, "Relire la thèse").waitFor();
  window.expect("what has no day is not planned", await row(page, "Chapitre 1").count() === 0);
  await page.goto(`${window.base}/#/tasks/planned`);
  await row(page, "Rendre les clés").waitFor();
  await window.check("tasks planned");
  await page.goto(`${window.base}/#/tasks/all`);
  await row(page, "Chapitre 1").waitFor();
  window.expect("a part stands under what it is a part of", await depth(page, "Chapitre 1") === 1 && await depth(page, "Relire la thèse") === 0);
  await window.check("tasks all");
  // What no form knows outlives what the form says.
  await open(window, "Relire la thèse");
  await page.locator("[name=description]").fill("notes du bureau");
  await page.locator("[name=progress]").selectOption("in-process");
  await page.locator("[name=percent]").fill("40");
  await save(window);
}

/** A line and Enter, from where single keys are commands; what is refused stays in the line. */
async function add(window) {
  const { page } = window;
  await page.locator("#content").focus();
  await page.keyboard.press("n");
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "new-task");
  await page.keyboard.type("Corriger les copies");
  await page.keyboard.press("Enter");
  await row(page, "Corriger les copies").waitFor();
  await emptied(page);
  window.expect("the line has the focus again", await page.evaluate(() => document.activeElement?.getAttribute("name")) === "new-task");
  await write(window, "Réserver la salle", day(1));
  await write(window, "تحضير المحضر");
  await window.check("tasks");
}

/** All that the form can say is there when it is opened again; what is wrong is told. */
async function form(window) {
  const { page } = window;
  await open(window, "Réserver la salle");
  window.expect("the day that was picked beside it is there", await page.locator("[name=due]").inputValue() === day(1));
  await page.locator("[name=timed]").check();
  await page.locator("[name=start]").fill(`${day(2)}T08:00`);
  await page.locator("section.read .primary").click();
  await page.locator("section.read .wrong").waitFor();
  await window.check("task wrong");
  const said = {
    start: `${day()}T08:30`, due: `${day(2)}T16:45`, priority: "1", progress: "in-process", percent: "30", alarm: "-PT1H", keywords: "jury, salle", description: "Amphi 1\nقاعة",
  };
  for (const [name, value] of Object.entries(said)) {
    const field = page.locator(`section.read [name=${name}]`);
    if (await field.evaluate((it) => it.localName) === "select") await field.selectOption(value);
    else await field.fill(value);
  }
  await window.check("task form");
  await save(window);
  await page.reload();
  await open(window, "Réserver la salle");
  await page.waitForFunction(() => document.querySelector("section.read [name=percent]")?.value === "30");
  const values = await page.locator("section.read form").evaluate((form) => Object.fromEntries(new FormData(form)));
  for (const [name, value] of Object.entries(said)) window.expect(`${name} is "${values[name]}"`, values[name]?.replaceAll("\r", "") === value);
  await page.keyboard.press("Escape");
  // What has the focus keeps its letters; out of it Escape goes back.
  if (await page.locator("section.read").count() > 0) await page.locator("section.read header .button").first().click();
  await page.locator("section.read").waitFor({ state: "detached" });
}

/** A part is added by a key and by a menu, and moved in and out by keys. */
async function parts(window) {
  const { page } = window;
  await row(page, "Réserver la salle").locator("a").focus();
  await page.keyboard.press("a");
  await page.locator("form.add .part").waitFor();
  await window.check("a part is added");
  await page.keyboard.type("Prévenir l’accueil");
  await page.keyboard.press("Enter");
  await row(page, "Prévenir l’accueil").waitFor();
  window.expect("it stands under what it is a part of", await depth(page, "Prévenir l’accueil") === 1);
  await page.keyboard.press("Escape");
  await page.locator("form.add .part").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await row(page, "Prévenir l’accueil").locator("a").focus();
  await page.keyboard.press("<");
  await page.waitForFunction(() => !document.querySelector(".under"));
  // By title the two stand one below the other.
  await order(window, "title");
  await row(page, "Réserver la salle").locator("a").focus();
  await page.keyboard.press("k");
  await page.waitForFunction(() => document.activeElement?.textContent.includes("Prévenir"));
  await page.keyboard.press("j");
  await page.waitForFunction(() => document.activeElement?.textContent.includes("Réserver"));
  await page.keyboard.press(">");
  await page.locator(".under .row").waitFor();
  window.expect("it is a part of the one above", await depth(page, "Réserver la salle") === 1);
  // It is written when it can be taken back.
  await page.locator(".toast", { hasText: "Réserver" }).locator("button:not(.close)").waitFor();
  await page.keyboard.press("z");
  await page.waitForFunction(() => !document.querySelector(".under"));
  await row(page, "Réserver la salle").locator("[aria-haspopup=menu]").click();
  await window.check("task menu");
  await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#indent-increase'])").click();
  await page.locator(".under .row").waitFor();
  await row(page, "Réserver la salle").locator("[aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#indent-decrease'])").click();
  await page.waitForFunction(() => !document.querySelector(".under"));
  await order(window, "due");
}

/** By a mouse: onto another task, and onto a list. */
async function drag(window) {
  const { page } = window;
  await row(page, "Prévenir l’accueil").locator("a").dragTo(row(page, "Réserver la salle").locator("a"));
  await page.locator(".under .row").waitFor();
  window.expect("it was dropped under it", await depth(page, "Prévenir l’accueil") === 1);
  await row(page, "Réserver la salle").locator("a").dragTo(page.locator("aside nav a", { hasText: "Service" }));
  await row(page, "Réserver la salle").waitFor({ state: "detached" });
  await to(window, "Service");
  await row(page, "Réserver la salle").waitFor();
  window.expect("its parts went with it", await depth(page, "Prévenir l’accueil") === 1);
  await page.locator(".toast button:not(.close)").last().click();
  await row(page, "Réserver la salle").waitFor({ state: "detached" });
  await to(window, named(window));
  await row(page, "Réserver la salle").waitFor();
  window.expect("all of it is back", await depth(page, "Prévenir l’accueil") === 1);
}

async function order(window, sort) {
  const { page } = window;
  await page.locator("section.list header [aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitemradio]").nth(["due", "priority", "title"].indexOf(sort)).click();
}

/** Done by a click and by a key, and had back within ten seconds; those that are over stand behind their number. */
async function tick(window) {
  const { page } = window;
  await row(page, "Corriger les copies").locator("input").click();
  await row(page, "Corriger les copies").waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "Corriger" }).last().locator("button:not(.close)").click();
  await row(page, "Corriger les copies").waitFor();
  await row(page, "Corriger les copies").locator("a").focus();
  await page.keyboard.press("x");
  await row(page, "Corriger les copies").waitFor({ state: "detached" });
  // The focus is not lost.
  await page.waitForFunction(() => document.activeElement !== document.body);
  await page.locator("details summary").click();
  await row(page, "Corriger les copies").waitFor();
  await window.check("tasks finished");
  window.expect("it is done", await row(page, "Corriger les copies").locator("input").isChecked());
  await row(page, "Corriger les copies").locator("input").click();
  await page.locator("details").waitFor({ state: "detached" });
  window.expect("it is to be done again", !(await row(page, "Corriger les copies").locator("input").isChecked()));
}

/** What repeats is there again on its next day. */
async function repeat(window) {
  const { page } = window;
  await write(window, "Arroser les plantes", day());
  await open(window, "Arroser les plantes");
  await page.locator("[name=every]").selectOption("daily");
  window.expect("what repeats has a start", await page.locator("[name=start]").inputValue() === day());
  await save(window);
  const due = row(page, "Arroser les plantes").locator(".more > span").first();
  const before = await due.innerText();
  await row(page, "Arroser les plantes").locator("input").click();
  await page.waitForFunction(([title, before]) => {
    const found = [...document.querySelectorAll(".row")].find((it) => it.textContent.includes(title));
    const text = found?.querySelector(".more > span")?.textContent;
    return text && text !== before;
  }, ["Arroser les plantes", before]);
  window.expect("it is to be done the next day", !(await row(page, "Arroser les plantes").locator("input").isChecked()));
  await open(window, "Arroser les plantes");
  window.expect("it is due tomorrow", await page.locator("[name=due]").inputValue() === day(1));
  await page.locator("section.read header .button").first().click();
}

async function sort(window) {
  const { page } = window;
  const first = () => page.locator(".list .row .title").first().innerText();
  await order(window, "priority");
  window.expect(`what is urgent comes first, not ${await first()}`, (await first()) === "Réserver la salle");
  await order(window, "title");
  window.expect(`by title it is not ${await first()}`, (await first()) === (window.language === "ar" ? "تحضير المحضر" : "Arroser les plantes"));
  await order(window, "due");
}

/** The list is taken out whole, as a file. */
async function exported(window) {
  const { page } = window;
  const download = page.waitForEvent("download");
  await choose(window, named(window), "download");
  const file = readFileSync(await (await download).path(), "utf8");
  window.expect(`the list is taken out whole: ${file}`, ["BEGIN:VTODO", "Réserver la salle", "RRULE:FREQ=DAILY"].every((it) => file.includes(it)));
}

async function search(window) {
  const { page } = window;
  await page.locator("#content").focus();
  await page.keyboard.press("/");
  await page.keyboard.type("reserver jury");
  await page.keyboard.press("Enter");
  await row(page, "Réserver la salle").waitFor();
  window.expect("nothing else is found", await page.locator(".list .row", { hasText: "Corriger" }).count() === 0);
  await window.check("tasks found");
  await page.locator("#search").fill("qqqqqq");
  await page.locator("#search").press("Enter");
  await page.locator("section.list .empty").waitFor();
  await to(window, named(window));
}

/** Another program has given it another title meanwhile: neither is lost. */
async function clash(window) {
  const { page } = window;
  await open(window, "Corriger les copies");
  const id = decodeURIComponent((await page.evaluate(() => location.hash)).split("/").at(-1));
  await page.locator("section.read [name=title]").fill("Corriger les mémoires");
  const theirs = await call(page, TASKS, "Task/set", { update: { [id]: { title: "Corriger les thèses" } } });
  window.expect(`the other program has written: ${JSON.stringify(theirs)}`, Object.keys(theirs.updated ?? {}).length === 1);
  await page.locator("section.read .primary").click();
  await page.locator("section.read .clash").waitFor();
  window.expect("what was typed is still there", await page.locator("section.read [name=title]").inputValue() === "Corriger les mémoires");
  await window.check("task clash");
  await page.locator("section.read .clash button").first().click();
  window.expect("theirs can be taken", await page.locator("section.read [name=title]").inputValue() === "Corriger les thèses");
  await page.locator("section.read [name=title]").fill("Corriger les copies");
  await save(window);
  await row(page, "Corriger les copies").waitFor();
}

/** The server is away: what was typed stays, in the line and in the form, also for who has left it. */
async function lost(window) {
  const { page } = window;
  await page.context().route("**/jmap/api", (route) => route.abort());
  await page.locator("[name=new-task]").fill("Ne pas perdre");
  await page.locator("[name=new-task]").press("Enter");
  await page.locator("form.add .wrong").waitFor();
  forgive(window);
  await window.check("server away");
  window.expect("the line keeps what was typed", await page.locator("[name=new-task]").inputValue() === "Ne pas perdre");
  await page.context().unroute("**/jmap/api");
  await open(window, "Corriger les copies");
  await page.context().route("**/jmap/api", (route) => route.abort());
  await page.locator("section.read [name=description]").fill("à ne pas perdre");
  await page.locator("section.read header .button").first().click();
  await page.locator("section.read").waitFor({ state: "detached" });
  await page.locator(".toast.failed", { hasText: "Corriger" }).waitFor();
  await page.context().unroute("**/jmap/api");
  await open(window, "Corriger les copies");
  window.expect("what could not be written is there again", await page.locator("section.read [name=description]").inputValue() === "à ne pas perdre");
  await save(window);
  await page.locator("[name=new-task]").press("Enter");
  await row(page, "Ne pas perdre").waitFor();
  forgive(window);
}

/** A colleague sees the list and changes nothing in it, until they may. */
async function shared(window) {
  const { page: own } = window;
  const other = await window.constructor.open(window.context.browser(), { base: window.base, language: window.language, viewport: window.viewport, shots: window.shots });
  other.name = `${window.name} colleague`;
  const { page } = other;
  await other.signIn(colleague);
  await page.goto(`${other.base}/#/tasks/all`);
  await row(page, "Réserver la salle").waitFor();
  await to(other, named(window));
  await other.check("shared tasks");
  const at = row(page, "Réserver la salle");
  other.expect("who may read does nothing", await at.locator("input").isDisabled() && await at.locator("[aria-haspopup=menu]").count() === 0
    && await page.locator("[name=new-task]").count() === 0);
  await at.locator("a").click();
  await page.locator("section.read fieldset:disabled").waitFor();
  other.expect("nothing is offered that they may not", await page.locator("section.read .primary").count() === 0);
  await other.check("shared task");
  await choose(window, named(window), "share-2");
  await own.locator("dialog li select").selectOption("write");
  await own.locator("dialog .said", { hasText: /./ }).waitFor();
  await own.keyboard.press("Escape");
  await own.locator("dialog").waitFor({ state: "detached" });
  await page.reload();
  await page.locator("section.read fieldset:enabled").waitFor();
  await page.locator("section.read [name=keywords]").fill("jury, salle, vu");
  await save(other);
  await row(page, "Réserver la salle").locator(".badge", { hasText: "vu" }).waitFor();
  window.faults.push(...other.faults);
  await other.context.close();
  // What they have done is seen by who comes back.
  await own.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await row(own, "Réserver la salle").locator(".badge", { hasText: "vu" }).waitFor();
}

/** A message becomes a task that leads back to it. */
async function fromMail(window) {
  const { page } = window;
  await page.goto(`${window.base}/#/mail`);
  await page.locator("[role=option]", { hasText: "Commander des livres" }).first().click();
  await page.locator("article .acts [aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#list-plus'])").click();
  const title = page.locator("section.read [name=title]");
  await title.waitFor();
  window.expect("the subject is its title", await title.inputValue() === "Commander des livres");
  await window.check("task of a message");
  const own = `Commander ${window.name}`;
  await title.fill(own);
  await page.locator("section.read [name=due]").fill(day());
  // Whoever goes elsewhere in between finds it again.
  await page.goto(`${window.base}/#/settings`);
  await page.locator(".tasks").waitFor({ state: "detached" });
  await page.goto(`${window.base}/#/tasks`);
  await title.waitFor();
  window.expect("what was typed is still there", await title.inputValue() === own);
  await page.locator("section.read .primary").click();
  await page.locator("section.read .message").waitFor();
  await page.waitForFunction(() => location.hash.split("/").length > 4);
  await page.locator("section.read .message").click();
  await page.locator("article", { hasText: "Dix exemplaires" }).waitFor();
  await page.goto(`${window.base}/#/tasks`);
  await row(page, own).waitFor();
  await row(page, own).locator("a").focus();
  await page.keyboard.press("#");
  await row(page, own).waitFor({ state: "detached" });
}

async function remove(window) {
  const { page } = window;
  await to(window, named(window));
  await row(page, "Ne pas perdre").locator("a").focus();
  await page.keyboard.press("#");
  await row(page, "Ne pas perdre").waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "Ne pas perdre" }).last().locator("button:not(.close)").click();
  await row(page, "Ne pas perdre").waitFor();
}

async function dark(window) {
  const { page } = window;
  await open(window, "Réserver la salle");
  await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
  await window.check("tasks dark");
  await page.evaluate(() => (document.documentElement.dataset.theme = "system"));
  await page.locator("section.read header .button").first().click();
}
