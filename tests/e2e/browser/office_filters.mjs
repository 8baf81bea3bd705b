// Rules for mail, made on a page: one that is wrong is told at its place, one that is right is what the store does to the next message;
// and a script of somebody else's is shown and stays.
//
// The visitor makes the rule of each window; what it does to mail is tried by who started this.

import { given, round } from "./office_round.mjs";

const [login, phase] = given;

await round(phase === "foreign" ? foreign : make, phase === "foreign" ? {} : { languages: ["ar", "fr-FR"] });

async function open(window) {
  const { page } = window;
  await window.signIn(login);
  await page.goto(`${window.base}/#/settings/filters`);
  await page.locator("form .button.primary").waitFor();
  return page;
}

async function make(window) {
  const page = await open(window);
  // What an earlier window made is read back; each begins anew.
  const rules = page.locator("section.rule");
  for (let left = await rules.count(); left > 0; left--) {
    window.expect("what was kept is read back", (await rules.first().locator(".line input").first().inputValue()) === "sorted");
    await rules.first().locator("button", { has: page.locator("use[href$='#trash-2']") }).click();
  }
  await page.locator("form p > .button").click();
  await rules.first().waitFor();
  await page.locator("form > .button.primary").click();
  await rules.first().locator("[role=alert]").waitFor();
  await window.check("rule without words");
  const lines = rules.first().locator(".line");
  await lines.nth(1).locator("select").selectOption("subject");
  await lines.nth(1).locator("input").fill("sorted");
  await page.locator("form > .button.primary").click();
  window.expect("no mailbox is chosen yet", await rules.first().locator("[role=alert]").isVisible());
  await lines.nth(2).locator("select").nth(1).selectOption("Filtered");
  await rules.first().locator(".button.plain", { has: page.locator("use[href$='#plus']") }).last().click();
  await lines.nth(3).locator("select").first().selectOption("flag");
  await page.locator("form > .button.primary").click();
  await page.locator(".toast").first().waitFor();
  window.expect("nothing is wrong now", (await page.locator("section.rule [role=alert]").count()) === 0);
  await window.check("filters");
  await page.reload();
  await rules.first().waitFor();
  window.expect("it is kept", (await lines.nth(2).locator("select").nth(1).inputValue()) === "Filtered");
  await overtaken(window);
}

/** A second page adds a rule while the first one has another change to save: nothing of either is lost unsaid. */
async function overtaken(window) {
  const { page } = window;
  const save = "form > .button.primary";
  const rules = page.locator("section.rule");
  const other = await window.context.newPage();
  await other.goto(`${window.base}/#/settings/filters`);
  await other.locator("section.rule").first().waitFor();
  await other.locator("form p > .button").click();
  await other.locator("section.rule").nth(1).locator(".line").nth(1).locator("input").fill("elsewhere");
  await other.locator("section.rule").nth(1).locator(".line").nth(2).locator("select").nth(1).selectOption("Filtered");
  await other.locator(save).click();
  await other.locator(".toast").first().waitFor();
  await other.close();
  const name = rules.first().locator("input[name=rule]");
  await name.fill("mine");
  await page.locator(save).click();
  await page.locator("form .note [role=alert]").waitFor();
  window.expect("what is there now is shown", (await rules.count()) === 2 && (await name.inputValue()) === "");
  await window.check("filters overtaken");
  // One's own list comes back by a button, and is in force once it is saved.
  await page.locator("form .note .button").click();
  window.expect("one's own list is back", (await rules.count()) === 1 && (await name.inputValue()) === "mine");
  await name.fill("");
  await page.locator(save).click();
  await page.locator(".toast").first().waitFor();
  await page.reload();
  await rules.first().waitFor();
  window.expect("and is what is kept", (await rules.count()) === 1);
}

async function foreign(window) {
  const page = await open(window);
  const text = page.locator("pre", { hasText: "# by hand" });
  await text.waitFor();
  window.expect("what is somebody else's cannot be written", (await page.locator("textarea, pre[contenteditable]").count()) === 0);
  await window.check("script of another");
  // Rules are kept, and sort nothing, as long as nobody says that they shall.
  await page.locator("form > .button.primary").click();
  await page.locator(".toast").first().waitFor();
  await text.waitFor();
}
