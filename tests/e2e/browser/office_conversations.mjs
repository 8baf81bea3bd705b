// A list of conversations: what a row tells, what an action on it is meant for, the change to messages; whom a few letters suggest; and a
// quote that keeps how it was laid out.

import { discard, given, round } from "./office_round.mjs";

const [login] = given;
const ALL = 12;

await round(async (window) => {
  const { page } = window;
  const isPhone = window.viewport.width < 760;
  await window.signIn(login);
  const row = page.locator("[role=option]", { hasText: "Projet commun" }).first();
  await row.locator(".how-many").waitFor();
  const people = await row.locator(".who").innerText();
  window.expect(`it tells who has written: ${people}`, people.includes("Ada Roux") && people.includes(window.language === "ar" ? "أنا" : "moi"));
  const count = await row.locator(".how-many [aria-hidden]").innerText();
  window.expect(`four messages belong to it, not ${count}`, ["4", "٤"].includes(count));
  window.expect("the oldest is unread, and so is the conversation", await row.locator(".row.new").isVisible());
  await rows(page, ALL);
  await window.check("conversations");

  // What is done to a row is done to its three messages here, and undone; what was sent stays where it is.
  if (isPhone) {
    await row.locator(".box").click();
    await page.locator(".acts button", { has: page.locator("use[href$='#archive']") }).click();
  } else {
    await row.locator(".box").click();
    await page.keyboard.press("e");
  }
  await page.locator(".toast").first().waitFor();
  const said = await page.locator(".toast").first().innerText();
  window.expect(`three messages are archived: ${said}`, /[3٣]/.test(said));
  await rows(page, ALL - 1);
  await page.locator(".toast button").first().click();
  await rows(page, ALL);
  await row.locator(".how-many").waitFor();

  await list(page, 1);
  await rows(page, ALL + 2);
  await window.check("messages of a mailbox");
  await page.reload();
  await page.locator("[role=option] .who").first().waitFor();
  await rows(page, ALL + 2);
  await list(page, 0);
  await rows(page, ALL);
  await quote(window, isPhone);
  await suggest(window);
});

/** The list has so many rows. */
function rows(page, all) {
  return page.waitForFunction((size) => Number(document.querySelector("[role=option]")?.getAttribute("aria-setsize")) === size, all);
}

/** Changes by the menu of the list: to conversations (0) or messages (1). */
async function list(page, which) {
  await page.locator(".acts [aria-haspopup=menu]", { has: page.locator("use[href$='#ellipsis']") }).click();
  await page.locator("[role=menu]:popover-open [role=menuitemradio]").nth(which).click();
}

/** A table that is quoted keeps its columns, a text from the right its direction. */
async function quote(window, isPhone) {
  const { page } = window;
  await page.locator("[role=option]", { hasText: "Tableau" }).first().click();
  await page.locator("article .acts button", { has: page.locator("use[href$='#reply']") }).first().click();
  const text = page.locator("div.compose [role=textbox]");
  await text.locator("td[colspan='2'][align='center']").waitFor();
  window.expect("a text from the right stays so", (await text.locator("p[dir='rtl']").count()) === 1);
  window.expect("a width stays", (await text.locator("table[width='320']").count()) === 1);
  window.expect("nothing that runs comes in", (await text.locator("[href^='javascript'], script").count()) === 0);
  await window.check("quoted table");
  await discard(page);
  if (isPhone) await page.goBack();
}

async function suggest(window) {
  const { page } = window;
  const asked = [];
  page.on("request", (request) => request.url().includes("/api/people") && asked.push(request.url()));
  await page.locator("button:visible", { has: page.locator("use[href$='#pencil']") }).first().click();
  const compose = page.locator("div.compose");
  const to = compose.locator("[role=combobox]").first();
  await to.waitFor();
  // One letter asks nobody.
  await to.pressSequentially("q");
  window.expect("a list is not offered for one letter", (await to.getAttribute("aria-expanded")) === "false");
  await to.pressSequentially("uil");
  const options = compose.locator("[role=option]");
  await options.filter({ hasText: "zoe@elsewhere.test" }).waitFor();
  window.expect(`it was asked for more than one letter only: ${asked}`, asked.length > 0 && asked.every((it) => new URL(it).searchParams.get("q").length >= 2));
  await to.press("ArrowDown");
  const active = await to.getAttribute("aria-activedescendant");
  window.expect("the list says which is meant", active !== null && (await page.locator(`[id="${active}"]`).getAttribute("aria-selected")) === "true");
  await window.check("suggestions");
  await to.press("Enter");
  await compose.locator(".chip", { hasText: "Zoé Quillien" }).waitFor();
  // Somebody of the directory, with what they are and where.
  await to.fill("u00003");
  const person = options.filter({ hasText: "u00003@a.test" });
  await person.waitFor();
  const about = await person.locator(".more").last().innerText();
  window.expect(`what and where somebody is: ${about}`, about.includes("·") && about.length > 5);
  await to.press("Escape");
  window.expect("Escape closes the list, and not the message", (await to.getAttribute("aria-expanded")) === "false" && (await compose.isVisible()));
  await to.fill("");
  await to.pressSequentially("u00003");
  await person.click();
  await compose.locator(".chip").nth(1).waitFor();
  await discard(page);
}
