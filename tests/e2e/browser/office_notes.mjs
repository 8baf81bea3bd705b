// Notes in the office: what another program has written is read and ticked, and harms nobody; a notebook is made, named anew, shared and
// removed; notes are written by keys and saved by themselves, found, sorted and moved; what another program changes meanwhile is told and
// both texts are kept; nothing that was typed is lost. In two languages and two sizes.

import { given, round } from "./office_round.mjs";
import { call, choose, collection, forgive, isPhone, named, removeCollection, row, share, to } from "./office_side.mjs";

const [owner, colleague] = given;
const NOTES = "urn:passerelle:params:jmap:notes";

await round(async (window) => {
  const { page } = window;
  await window.signIn(owner);
  await page.goto(`${window.base}/#/notes`);
  await row(page, "Procès-verbal").waitFor();
  await window.check("notes");
  await reads(window);
  await harmless(window);
  await collection(window, "notebook");
  await window.check("no notes");
  await write(window);
  await merged(window);
  await clash(window);
  await lost(window);
  await sort(window);
  await search(window);
  await move(window);
  await share(window, colleague, "share notes");
  await shared(window);
  await empty(window);
  await remove(window);
  if (!isPhone(window)) await dark(window);
  await removeCollection(window, (page) => call(page, NOTES, "Notebook/get", { ids: null }));
});

async function open(window, title) {
  await row(window.page, title).locator("a").click();
  await window.page.locator("section.read .note").waitFor();
}

async function close(window) {
  const { page } = window;
  await page.locator("section.read header .button").first().click();
  await page.locator("section.read").waitFor({ state: "detached" });
}

/** Changes between reading and writing. */
async function turn(window) {
  const { page } = window;
  const was = await page.locator("section.read form.note").count();
  await page.locator("section.read header .button").nth(1).click();
  await page.locator(`section.read ${was ? "article" : "form"}.note`).waitFor();
}

async function saved(page) {
  await page.locator("section.read [data-standing=saved]").waitFor({ state: "attached" });
}

/** The note that is open, as another program reads it. */
async function opened(page) {
  const id = decodeURIComponent((await page.evaluate(() => location.hash)).split("?")[0].split("/").at(-1));
  return (await call(page, NOTES, "Note/get", { ids: [id] })).list[0];
}

/** What another program has written, with its looks; a box is ticked in the text that is read. */
async function reads(window) {
  const { page } = window;
  await to(window, "Service");
  await row(page, "Journal").locator(".preview", { hasText: "محضر الاجتماع suite" }).waitFor();
  window.expect("of which day it is, and that it is a draft", await row(page, "Journal").locator(".more > span").count() >= 2);
  await open(window, "Procès-verbal");
  const article = page.locator("section.read article");
  await article.locator("h3", { hasText: "Conseil du 4 novembre" }).waitFor();
  window.expect("all of it is there", await article.evaluate((it) =>
    ["strong", "em", "blockquote", "table td", "ol li", "pre code", "p code"].every((name) => it.querySelector(`.text ${name}`))));
  window.expect("links lead elsewhere in windows of their own", await article.evaluate((it) =>
    [...it.querySelectorAll(".text a")].every((a) => a.target === "_blank" && a.rel === "noopener noreferrer") && it.querySelectorAll(".text a").length === 2));
  await window.check("note");
  const boxes = article.locator("input[type=checkbox]");
  const ticked = await article.locator("input:checked").count();
  await boxes.nth(ticked).click();
  await page.waitForFunction((count) => document.querySelectorAll("section.read input:checked").length === count, ticked + 1);
  await saved(page);
  const { body } = await opened(page);
  window.expect(`it is ticked at the store: ${body}`, body.split("- [x] ").length === ticked + 2);
  await page.reload();
  await article.locator("h3").waitFor();
  window.expect("it is ticked after one has looked again", await article.locator("input:checked").count() === ticked + 1);
  await page.locator("#content").focus();
  await page.keyboard.press("u");
  await page.locator("section.read").waitFor({ state: "detached" });
}

/** A text that would do harm is text: nothing runs, nothing is fetched, and no link leads where it wants. */
async function harmless(window) {
  const { page } = window;
  await to(window, "Essais");
  await open(window, "<img src=x onerror=alert(1)>");
  const article = page.locator("section.read article");
  await article.getByText("<b>huit</b>").waitFor();
  const found = await article.evaluate((it) => ({
    tags: [...it.querySelectorAll(".text *")].map((one) => one.localName),
    links: [...it.querySelectorAll("a")].map((one) => one.getAttribute("href")),
    others: [...it.querySelectorAll("*")].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on") || name === "style" || name === "srcdoc"),
  }));
  window.expect(`nothing but text: ${found.tags}`, found.tags.every((it) => !["script", "img", "style", "iframe", "svg", "b", "object"].includes(it)));
  window.expect(`links: ${found.links}`, found.links.every((it) => /^(https:\/\/|mailto:)/.test(it)) && found.links.length > 0);
  window.expect(`attributes: ${found.others}`, found.others.length === 0);
  await window.check("hostile note");
  await close(window);
}

/** By keys alone, and saved by itself; what a list and marks look like while one writes. */
async function write(window) {
  const { page } = window;
  await page.locator("#content").focus();
  await page.keyboard.press("n");
  await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "title");
  await page.keyboard.type("Courses");
  const body = page.locator("section.read [name=body]");
  await body.focus();
  await page.keyboard.type("- [ ] pain");
  await page.keyboard.press("Enter");
  await page.keyboard.type("lait");
  await page.keyboard.press("Control+Shift+ArrowLeft");
  await page.keyboard.press("Control+b");
  window.expect(`a list goes on at Enter, and what is selected is bold: ${await body.inputValue()}`, await body.inputValue() === "- [ ] pain\n- [ ] **lait**");
  await page.keyboard.press("Control+z");
  window.expect(`the browser's own undo takes it back: ${await body.inputValue()}`, await body.inputValue() === "- [ ] pain\n- [ ] lait");
  await page.keyboard.press("Control+i");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.type("وشكرا");
  await page.locator("section.read [role=toolbar] button").nth(2).click();
  window.expect(`marks and ends: ${await body.inputValue()}`, await body.inputValue() === "- [ ] pain\n- [ ] *lait*\n# وشكرا");
  await page.locator("section.read [name=keywords]").fill("maison, courses");
  await saved(page);
  await window.check("note is written");
  window.expect("keywords stay as they were typed", await page.locator("section.read [name=keywords]").inputValue() === "maison, courses");
  const there = await opened(page);
  window.expect(`it is saved: ${JSON.stringify(there)}`, there.title === "Courses" && there.body === "- [ ] pain\n- [ ] *lait*\n# وشكرا" && there.keywords?.maison && there.keywords?.courses);
  await page.locator("#content").focus();
  await page.keyboard.press("e");
  const boxes = page.locator("section.read article input[type=checkbox]");
  await boxes.nth(1).waitFor();
  await boxes.nth(1).focus();
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.querySelectorAll("section.read input:checked").length === 1);
  await saved(page);
  window.expect("it is ticked", (await opened(page)).body === "- [ ] pain\n- [x] *lait*\n# وشكرا");
  await page.keyboard.press("Escape");
  await page.locator("section.read").waitFor({ state: "detached" });
  await row(page, "Courses").locator(".preview", { hasText: "pain lait وشكرا" }).waitFor();
  await make(window, "Annales", "zèbre");
}

async function make(window, title, body) {
  const { page } = window;
  await page.locator("#content").focus();
  await page.keyboard.press("n");
  await page.locator("section.read [name=title]").fill(title);
  await page.locator("section.read [name=body]").fill(body);
  await saved(page);
  await close(window);
  await row(page, title).waitFor();
}

/** Lets another program write just before what the page writes arrives. */
async function before(window, patch) {
  const { page } = window;
  let isDone = false;
  await page.route("**/jmap/api", async (route) => {
    const said = route.request().postData() ?? "";
    if (!isDone && said.includes('"Note/set"') && said.includes('"revision"')) {
      isDone = true;
      const { id } = await opened(page);
      const theirs = await call(page, NOTES, "Note/set", { update: { [id]: patch } });
      window.expect(`the other program has written: ${JSON.stringify(theirs)}`, Object.keys(theirs.updated ?? {}).length === 1);
    }
    await route.continue();
  });
}

/** Another program has changed something else of it: both stand. */
async function merged(window) {
  const { page } = window;
  await open(window, "Annales");
  await turn(window);
  await before(window, { title: "Annales 2026" });
  await page.locator("section.read [name=body]").fill("zèbre, girafe");
  await page.waitForFunction(() => document.querySelector("section.read [name=title]")?.value === "Annales 2026");
  await saved(page);
  await page.unroute("**/jmap/api");
  const there = await opened(page);
  window.expect(`both stand: ${JSON.stringify(there)}`, there.title === "Annales 2026" && there.body === "zèbre, girafe");
  await close(window);
}

/** Another program has written another text meanwhile: neither is lost. */
async function clash(window) {
  const { page } = window;
  const body = page.locator("section.read [name=body]");
  await open(window, "Annales 2026");
  await turn(window);
  await before(window, { body: "leur texte" });
  await body.fill("mon texte");
  await page.locator("section.read .clash").waitFor();
  await page.unroute("**/jmap/api");
  window.expect("what was typed is still there", await body.inputValue() === "mon texte");
  window.expect("theirs is not written over", (await opened(page)).body === "leur texte");
  await window.check("note clash");
  await page.locator("section.read .clash .primary").click();
  await page.locator("section.read .clash").waitFor({ state: "detached" });
  window.expect("theirs is shown", await body.inputValue() === "leur texte");
  await close(window);
  const rows = page.locator(".list .row", { hasText: "Annales 2026" });
  await rows.nth(1).waitFor();
  const texts = await rows.locator(".preview").allInnerTexts();
  window.expect(`both are there: ${texts}`, texts.includes("mon texte") && texts.includes("leur texte"));
  // One's own can be insisted on.
  await open(window, "Annales 2026");
  await turn(window);
  await before(window, { body: "leur second texte" });
  await body.fill("mon second texte");
  await page.locator("section.read .clash").waitFor();
  await page.unroute("**/jmap/api");
  await page.locator("section.read .clash .button").last().click();
  await page.locator("section.read .clash").waitFor({ state: "detached" });
  await saved(page);
  window.expect("mine stands", (await opened(page)).body === "mon second texte");
  await close(window);
}

/** The server is away: what was typed stays, also for who has left the note. */
async function lost(window) {
  const { page } = window;
  const body = page.locator("section.read [name=body]");
  await open(window, "Courses");
  await turn(window);
  await page.context().route("**/jmap/api", (route) => route.abort());
  await body.fill("à ne pas perdre");
  await page.locator("section.read [data-standing=failed]").waitFor();
  forgive(window);
  await window.check("note not saved");
  await close(window);
  await page.locator(".toast.failed", { hasText: "Courses" }).waitFor();
  await page.context().unroute("**/jmap/api");
  await open(window, "Courses");
  await body.waitFor();
  window.expect("what could not be written is there again", await body.inputValue() === "à ne pas perdre");
  await saved(page);
  window.expect("and is saved", (await opened(page)).body === "à ne pas perdre");
  await close(window);
  forgive(window);
}

async function sort(window) {
  const { page } = window;
  const titles = () => page.locator(".list .row .title").allInnerTexts();
  const by = async (sort) => {
    await page.locator("section.list header [aria-haspopup=menu]").click();
    await page.locator("[role=menu]:popover-open [role=menuitemradio]").nth(["updated", "created", "title"].indexOf(sort)).click();
  };
  await page.waitForFunction(() => document.querySelector(".list .row .title")?.textContent.trim() === "Courses");
  await by("title");
  window.expect(`by title: ${await titles()}`, (await titles())[0] === "Annales 2026");
  await by("created");
  window.expect(`the newest one first: ${await titles()}`, (await titles()).at(-1) === "Courses");
  await by("updated");
  await row(page, "Courses").locator("a").focus();
  await page.keyboard.press("j");
  await page.waitForFunction(() => document.activeElement?.textContent.includes("Annales"));
  await page.keyboard.press("k");
  await page.waitForFunction(() => document.activeElement?.textContent.includes("Courses"));
}

/** Titles and texts are looked through. */
async function search(window) {
  const { page } = window;
  await page.locator("#content").focus();
  await page.keyboard.press("/");
  await page.keyboard.type("perdre COURSES");
  await page.keyboard.press("Enter");
  await page.locator(".list .row .in", { hasText: named(window) }).waitFor();
  window.expect("nothing else is found", await page.locator(".list .row", { hasText: "Annales" }).count() === 0);
  await window.check("notes found");
  await page.locator("#search").fill("qqqqqq");
  await page.locator("#search").press("Enter");
  await page.locator("section.list .empty").waitFor();
  await to(window, named(window));
}

/** To another notebook, and back by undo. */
async function move(window) {
  const { page } = window;
  await row(page, "Courses").locator("[aria-haspopup=menu]").click();
  await window.check("note menu");
  await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#folder-input'])", { hasText: "Service" }).click();
  await row(page, "Courses").waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "Courses" }).last().locator("button:not(.close)").click();
  await row(page, "Courses").waitFor();
  await row(page, "Courses").locator("[aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#lock'])").click();
  await row(page, "Courses").locator(".badge").nth(2).waitFor();
}

/** A colleague sees the notebook and changes nothing in it, until they may; what is private they are not told. */
async function shared(window) {
  const { page: own } = window;
  const other = await window.constructor.open(window.context.browser(), { base: window.base, language: window.language, viewport: window.viewport, shots: window.shots });
  other.name = `${window.name} colleague`;
  const { page } = other;
  await other.signIn(colleague);
  await page.goto(`${other.base}/#/notes`);
  await row(page, "Annales 2026").waitFor();
  await to(other, named(window));
  await other.check("shared notes");
  other.expect("what is private is not told", await page.getByText("Courses").count() === 0 && await page.locator(".list .row").count() === 3);
  await open(other, "Annales 2026");
  other.expect("nothing is offered that they may not", await page.locator("section.read header .button").count() === 1 && await page.locator(".list .row [aria-haspopup=menu]").count() === 0);
  await other.check("shared note");
  await choose(window, named(window), "share-2");
  await own.locator("dialog li select").selectOption("write");
  await own.locator("dialog .said", { hasText: /./ }).waitFor();
  await own.keyboard.press("Escape");
  await own.locator("dialog").waitFor({ state: "detached" });
  await page.reload();
  await page.locator("section.read header .button").nth(1).waitFor();
  await turn(other);
  await page.locator("section.read [name=keywords]").fill("vu");
  await saved(page);
  window.faults.push(...other.faults);
  await other.context.close();
  // What they have done is seen by who comes back.
  await own.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await own.locator(".list .row .badge", { hasText: "vu" }).waitFor();
}

/** One that nothing was written into goes by itself. */
async function empty(window) {
  const { page } = window;
  await page.locator(".list .row").nth(2).waitFor();
  await page.locator("#content").focus();
  await page.keyboard.press("n");
  await page.locator("section.read [name=title]").waitFor();
  await close(window);
  await page.waitForFunction(() => document.querySelectorAll(".list .row").length === 3);
}

async function remove(window) {
  const { page } = window;
  await row(page, "Courses").locator("a").focus();
  await page.keyboard.press("#");
  await row(page, "Courses").waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: "Courses" }).last().locator("button:not(.close)").click();
  await row(page, "Courses").waitFor();
}

async function dark(window) {
  const { page } = window;
  await to(window, "Service");
  await open(window, "Procès-verbal");
  await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
  await window.check("note dark");
  await turn(window);
  await window.check("note is written dark");
  await page.evaluate(() => (document.documentElement.dataset.theme = "system"));
  await close(window);
}
