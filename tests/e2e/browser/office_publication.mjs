// A calendar is published in its dialog: as busy times and with details, copied, withdrawn; a stranger opens what was made, turns the months,
// prints it, and finds nothing once it is withdrawn. In French and in Arabic, on a desk and on a phone.

import { given, pictures, round } from "./office_round.mjs";

const [owner] = given;

await round(async (window) => {
  const { page, context } = window;
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await window.signIn(owner);
  await page.goto(`${window.base}/#/calendar`);
  await page.locator(".calendar").waitFor();
  const dialog = await opened(window);
  await window.check("by link");
  const [details, feed] = await make(window, dialog, `Public ${window.name}`, "read", "");
  window.expect("programs have an address of their own", feed === `${details}/calendar.ics`);
  await window.check("link made");
  await dialog.locator(".made .button").first().click();
  await dialog.locator(".made .button", { hasText: /./ }).first().waitFor();
  window.expect("the address is copied", (await page.evaluate("navigator.clipboard.readText()")) === details);
  const [busy] = await make(window, dialog, `Occupé ${window.name}`, "busy", "mot de passe");
  const both = await dialog.locator(".by-link li").count();
  window.expect("both are listed", both >= 2);

  await reads(window, details);
  await asksFirst(window, busy);

  await dialog.locator(".by-link li", { hasText: `Public ${window.name}` }).locator("button.square").click();
  await dialog.locator(".by-link .said", { hasText: /./ }).waitFor();
  await dialog.locator(".by-link li", { hasText: `Public ${window.name}` }).waitFor({ state: "detached" });
  await window.check("link withdrawn");
  await gone(window, details);
  await dialog.locator(".by-link li", { hasText: `Occupé ${window.name}` }).locator("button.square").click();
  await dialog.locator(".by-link li", { hasText: `Occupé ${window.name}` }).waitFor({ state: "detached" });
});

/** Opens the dialog of the calendar. */
async function opened(window) {
  const { page } = window;
  if (!(await page.locator("aside").isVisible())) await page.locator(".places").click();
  await page.locator("aside .new").waitFor();
  await page.locator("aside li", { hasText: "Service des études" }).locator("[aria-haspopup=menu]").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]:has(use[href$='#share-2'])").click();
  const dialog = page.locator("dialog");
  await dialog.locator(".by-link").waitFor();
  return dialog;
}

/** Makes a link; the addresses that are shown. */
async function make(window, dialog, label, what, password) {
  const part = dialog.locator(".by-link");
  await part.locator("button", { has: window.page.locator("use[href$='#link']") }).click();
  await part.locator("form input").first().fill(label);
  await part.locator("[name=what]").selectOption(what);
  if (password) await part.locator("input[type=password]").fill(password);
  if (what === "read") await window.check("new link");
  await part.locator("form .primary").click();
  await part.locator(".made input").first().waitFor();
  const made = part.locator(".made input");
  return [await made.nth(0).inputValue(), await made.nth(1).inputValue()];
}

/** A window of a stranger. */
async function other(window) {
  const { base, language, viewport, shots } = window;
  const stranger = await window.constructor.open(window.context.browser(), { base, language, viewport, shots });
  stranger.name = `${window.name} stranger`;
  return stranger;
}

async function left(window, stranger) {
  window.faults.push(...stranger.faults);
  await stranger.context.close();
}

/** What was published with details, month by month and on paper, light and dark. */
async function reads(window, address) {
  const stranger = await other(window);
  const { page } = stranger;
  await page.goto(address);
  await page.locator(".coming li").first().waitFor();
  await stranger.check("published");
  await page.screenshot({ path: `${pictures}/${window.name.replaceAll(" ", "-")}-published-whole.png`, fullPage: true });
  const text = await page.locator("main").innerText();
  stranger.expect("what is public is told", text.includes("Conseil de l’UFR") && text.includes("Salle B204"));
  stranger.expect("a title is a text", text.includes("<b>Réunion & débat</b>"));
  stranger.expect("what is private is not", !text.includes("Médecin"));
  stranger.expect("no name of the owner is told", !(await page.content()).includes(owner));
  stranger.expect("programs are led to it", (await page.locator("a[href^='webcal://']").count()) === 1);
  stranger.expect("the language is the reader's", (await stranger.evaluate("document.documentElement.lang")) === window.language.slice(0, 2));
  stranger.expect("there is no script", (await page.locator("script").count()) === 0);
  await page.emulateMedia({ colorScheme: "dark" });
  await stranger.check("published dark");
  await page.emulateMedia({ colorScheme: "light" });
  const month = await page.locator("#month").innerText();
  const isHere = (await page.locator(".grid summary").count()) > 0;
  const unfold = async () => {
    if (window.viewport.width < 760) return;
    await page.locator(".grid summary").first().click();
    await page.locator(".grid details[open] li").first().waitFor();
    await stranger.check("published unfolded");
  };
  // The full day is in this month or in the next.
  if (isHere) await unfold();
  await page.locator("a[rel=next]").click();
  await page.waitForURL(/month=/);
  stranger.expect("it is another month", (await page.locator("#month").innerText()) !== month);
  await stranger.check("published next month");
  if (!isHere) await unfold();
  await page.locator("a[rel=prev]").click();
  await page.waitForFunction((month) => document.querySelector("#month").innerText === month, month);
  await page.emulateMedia({ media: "print" });
  stranger.expect("what is for the screen is not printed", !(await page.locator(".follow").isVisible()) && !(await page.locator(".bar").isVisible()));
  stranger.expect("what comes is printed", await page.locator(".coming").isVisible());
  await page.screenshot({ path: `${pictures}/${window.name.replaceAll(" ", "-")}-published-paper.png`, fullPage: true });
  await page.emulateMedia({ media: null });
  await left(window, stranger);
}

/** Busy times behind a password. */
async function asksFirst(window, address) {
  const stranger = await other(window);
  const { page } = stranger;
  await page.goto(address);
  await page.fill("#password", "mot de passe");
  await page.press("#password", "Enter");
  await page.locator(".coming li").first().waitFor();
  await stranger.check("published busy");
  const text = await page.locator("main").innerText();
  stranger.expect("nothing but times is told", !["Conseil", "Médecin", "Salle", "Algèbre", "Service"].some((word) => text.includes(word)));
  stranger.expect("when it is, is told", text.includes("14:00–15:00"));
  await left(window, stranger);
}

/** What was withdrawn is not there. */
async function gone(window, address) {
  const stranger = await other(window);
  const answer = await stranger.page.goto(address);
  stranger.expect("it is gone", answer.status() === 404);
  // The browser logs the status, which is what is tried here.
  stranger.complaints.splice(0);
  await stranger.check("published gone");
  await left(window, stranger);
}
