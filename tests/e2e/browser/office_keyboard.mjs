// The office by keys alone, in French and in Arabic: signing in, reading, answering and sending, searching, filing away and undoing, a folder
// that is made and shared, an app password. After each key the focus is somewhere, in sight, under nothing, and shows where it is.

import { given, round } from "./office_round.mjs";

const [login, colleague] = given;
/** More things than any view has, for who looks for one with Tab. */
const MOST = 120;
/** How long the focus may take to be somewhere, in milliseconds. */
const SOON = 3_000;
const LIST = "section.list [role=listbox]";

await round(visit, { sizes: [[1440, 900]] });

async function visit(window) {
  await signIn(window);
  await skips(window);
  await readsAndAnswers(window);
  await searches(window);
  await files(window);
  await sharesFolder(window);
  await makesPassword(window);
}

/** What is wrong with where the focus is; nothing when nothing is. Runs in the page. */
function wrong() {
  const at = document.activeElement;
  if (!at || at === document.body) return "it is nowhere";
  // Of a list the row that it names is where one is.
  const named = at.getAttribute("aria-activedescendant");
  const shown = (named && document.getElementById(named)) || at;
  const told = shown.outerHTML.slice(0, 120);
  const around = [shown, at, at.parentElement, at.parentElement?.parentElement];
  const isMarked = around.some((it) => {
    const { outlineStyle, outlineWidth } = it ? getComputedStyle(it) : {};
    return outlineStyle && outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
  });
  if (!isMarked) return `nothing marks it: ${told}`;
  const { left, top, right, bottom } = shown.getBoundingClientRect();
  const [x1, x2] = [Math.max(0, left), Math.min(innerWidth, right)];
  const [y1, y2] = [Math.max(0, top), Math.min(innerHeight, bottom)];
  if (x2 - x1 < 1 || y2 - y1 < 1) return `it is out of sight: ${told}`;
  const parts = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [x1 + (x2 - x1) * x, y1 + (y2 - y1) * y]));
  const isSeen = parts.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (shown.contains(hit) || hit.contains(shown));
  });
  return isSeen ? "" : `something lies over it: ${told}`;
}

/** Waits until the focus is as it has to be, and says what is wrong when it does not become so. */
async function seen(window, after) {
  const { page } = window;
  await page.waitForFunction(`(${wrong})() === ""`, undefined, { timeout: SOON }).catch(async () => {
    window.expect(`the focus after ${after}: ${await page.evaluate(`(${wrong})()`)}`, false);
  });
}

async function press(window, ...keys) {
  for (const key of keys) {
    await window.page.keyboard.press(key);
    await seen(window, key);
  }
}

/** Goes to something with Tab; past the end of the page Tab begins anew. */
async function tabTo(window, wanted) {
  const { page } = window;
  const isThere = () => page.evaluate((selector) => document.activeElement?.matches(selector) === true, wanted);
  for (let steps = 0; steps < MOST && !(await isThere()); steps++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement !== document.body)) await seen(window, `Tab, on the way to ${wanted}`);
  }
  if (!(await isThere())) throw new Error(`Tab does not reach ${wanted}`);
}

/** Goes down the list to the row with this text. */
async function toRow(window, list, text) {
  const { page } = window;
  await tabTo(window, list);
  await press(window, "Home");
  const isThere = () =>
    page.evaluate((text) => {
      const named = document.activeElement?.getAttribute("aria-activedescendant");
      return (named && document.getElementById(named)?.textContent.includes(text)) === true;
    }, text);
  for (let steps = 0; steps < MOST && !(await isThere()); steps++) await press(window, "ArrowDown");
  if (!(await isThere())) throw new Error(`the keys do not reach the row "${text}"`);
}

async function opens(window, subject) {
  await toRow(window, LIST, subject);
  await press(window, "Enter");
  await window.page.locator("article .text").first().waitFor();
}

function row(window, text) {
  return window.page.locator("[role=option]", { hasText: text }).first();
}

async function signIn(window) {
  const { page } = window;
  await page.goto(`${window.base}/`);
  await tabTo(window, "#login");
  await page.keyboard.type(login);
  await press(window, "Tab");
  await page.keyboard.type(`pw-${login}`);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
  await page.locator("[role=option] .who").first().waitFor();
}

/** The first thing is the way past the bars. */
async function skips(window) {
  const { page } = window;
  await press(window, "Tab");
  window.expect("the skip link is first", await page.evaluate(() => document.activeElement.matches(".skip")));
  await press(window, "Enter");
  window.expect("it leads to the content", await page.evaluate(() => document.activeElement.id === "content"));
}

/** Opens a message from the list and answers it; the answer comes, since the sender has it sent here. */
async function readsAndAnswers(window) {
  const { page } = window;
  const subject = `Reunion ${window.language}`;
  await opens(window, subject);
  await page.waitForFunction((subject) => document.title.includes(subject), subject);
  await window.check("read by keys");
  await page.keyboard.press("r");
  await page.waitForFunction(() => document.activeElement?.matches("div.compose [role=textbox][contenteditable=true]"));
  await seen(window, "r");
  await page.keyboard.type("Entendu, sans souris.");
  // Once around the window that one writes in, and back to the text.
  await press(window, "Shift+Tab");
  await tabTo(window, "div.compose [role=textbox]");
  await window.check("answer by keys");
  await page.keyboard.press("Control+Enter");
  await page.locator(".toast button").first().waitFor();
  await page.locator("div.compose").waitFor({ state: "hidden" });
  await seen(window, "sending");
  await page.locator("[role=option]", { hasText: `Re: ${subject}` }).first().waitFor({ timeout: 40_000 });
  await seen(window, "the answer came");
}

async function searches(window) {
  const { page } = window;
  const subject = `Archives ${window.language}`;
  await press(window, "/");
  await page.keyboard.type(`subject:"${subject}"`);
  await press(window, "Enter");
  await page.locator(`${LIST} [role=option]`, { hasText: "Reunion" }).first().waitFor({ state: "detached" });
  await row(window, subject).waitFor();
  const told = page.locator("section.list span.unseen[role=status]:not(:empty)");
  await told.waitFor({ state: "attached" });
  // Out of the box, single keys are commands again.
  await press(window, "Escape");
  await opens(window, subject);
  await press(window, "Escape");
  await page.locator("article").first().waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await row(window, `Reunion ${window.language}`).waitFor();
  await seen(window, "g m");
}

/** Into a mailbox by the menu of the key v, and back by z; archived from what is open, and back. */
async function files(window) {
  const { page } = window;
  const subject = `Archives ${window.language}`;
  await toRow(window, LIST, subject);
  await press(window, "v");
  await page.locator("[role=menu]:popover-open :focus").waitFor();
  await press(window, "d");
  window.expect("a letter finds the mailbox", await page.evaluate(() => document.activeElement.textContent.includes("Dossier")));
  await page.keyboard.press("Enter");
  await row(window, subject).waitFor({ state: "detached" });
  await seen(window, "moving");
  await page.locator(".toast button:not(.close)").first().waitFor();
  await press(window, "z");
  await row(window, subject).waitFor();
  // By the buttons of what is open: they go with it, the focus does not.
  await opens(window, subject);
  await tabTo(window, ".read .tools button:has(use[href$='#archive'])");
  await page.keyboard.press("Enter");
  await row(window, subject).waitFor({ state: "detached" });
  await seen(window, "archiving");
  await page.locator(".toast button:not(.close)").first().waitFor();
  await press(window, "z");
  await row(window, subject).waitFor();
}

async function sharesFolder(window) {
  const { page } = window;
  const name = `Clavier ${window.language} ${Date.now()}`;
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.locator(".folder .tools button:has(use[href$='#folder-plus'])").waitFor();
  await seen(window, "g f");
  await press(window, "n");
  await tabTo(window, "dialog input");
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await page.locator("dialog").waitFor({ state: "detached" });
  await row(window, name).waitFor();
  await seen(window, "making a folder");
  await tabTo(window, ".folder .tools button:has(use[href$='#user-plus'])");
  await press(window, "Enter");
  await page.locator("dialog [role=combobox]").waitFor();
  await tabTo(window, "dialog [role=combobox]");
  await page.keyboard.type(colleague);
  await page.locator("dialog [role=option]").first().waitFor();
  await press(window, "Enter");
  await page.locator("dialog li select").waitFor();
  await window.check("shared by keys");
  await press(window, "Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  window.expect("one is back at the button", await page.evaluate(() => document.activeElement.matches(":has(use[href$='#user-plus'])")));
  // Into it, and the window says where one is.
  await toRow(window, ".folder [role=listbox]", name);
  await press(window, "Enter");
  await page.waitForFunction((name) => document.title.includes(name), name);
  await page.locator(".folder .empty").waitFor();
  await seen(window, "opening a folder");
}

/** Made, and withdrawn again: where its row was is no hole. */
async function makesPassword(window) {
  const { page } = window;
  const rows = page.locator("ul.rows li");
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.locator("a[href='#/settings/passwords']").waitFor();
  await seen(window, "g s");
  await tabTo(window, "a[href='#/settings/passwords']");
  await press(window, "Enter");
  await page.locator("form.card").waitFor();
  await tabTo(window, "form.card input");
  await page.keyboard.type(`clavier ${window.language}`);
  await press(window, "Enter");
  await page.locator(".made input").waitFor();
  await rows.first().waitFor();
  const before = await rows.count();
  await window.check("password by keys");
  await tabTo(window, "ul.rows li button");
  await page.keyboard.press("Enter");
  await page.waitForFunction((before) => document.querySelectorAll("ul.rows li").length === before - 1, before);
  await seen(window, "withdrawing a password");
}
