// What recurs in the office: changed, moved and removed from one of its times on, which is undone, and refused by the store; what is dragged in
// a month. What is there in the end is read by another program.
//
// node office_series.mjs CERTIFICATES PORT SHOTS OWNER READER: as office.mjs; somebody with whom the calendar is shared for reading.

import { base, given, round } from "./office_round.mjs";

const [owner, reader] = given;
const HOUR = 48;
let rounds = 0;

await round(async (window) => {
  const number = rounds++;
  const isPhone = window.viewport.width < 760;
  await window.signIn(owner);
  await title(window, `Cours ${number}`);
  await first(window, number);
  if (!isPhone) await later(window, `Cours ${number} bis`);
  await end(window, `Cours ${number} bis`);
  if (number === 0) {
    await meeting(window);
    await refused(window);
    await month(window, number);
    await days(window);
    await reads(window);
  } else if (!isPhone) await month(window, number);
});

function event(page, title) {
  return page.locator("section button", { has: page.getByText(title, { exact: true }) }).first();
}

async function show(window, view, day) {
  await window.page.goto(`${base}/#/calendar/${view}/${day}`);
  await window.page.locator(".calendar section :is(.days, .month, .list)").waitFor();
}

/** Opens one time of several, or all from there on. */
async function open(window, title, which) {
  const { page } = window;
  await event(page, title).focus();
  await page.keyboard.press("Enter");
  await page.locator(`dialog .foot .${which}`).click();
  await page.locator("dialog [name=title]").waitFor();
}

function dialogGone(page) {
  return page.locator("dialog").waitFor({ state: "detached" });
}

function undo(page, title) {
  return page.locator(".toast", { hasText: title }).last().locator("button:not(.close)").click();
}

/** From a Monday on it is called otherwise; what is before is not. */
async function title(window, name) {
  const { page } = window;
  await show(window, "week", "2027-03-22");
  await event(page, name).waitFor();
  await event(page, name).focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog .foot .following").waitFor();
  await window.check("which times");
  await page.locator("dialog .foot .following").click();
  const dialog = page.locator("dialog");
  window.expect("of ten times seven are left", await dialog.locator("[name=count]").inputValue() === "7");
  await dialog.locator("[name=title]").fill(`${name} bis`);
  await window.check("from here on");
  await dialog.locator(".foot .primary").click();
  await dialogGone(page);
  await event(page, `${name} bis`).waitFor();
  await show(window, "week", "2027-03-15");
  await event(page, name).waitFor();
}

/** From the first time on is all of it. */
async function first(window, number) {
  const { page } = window;
  await show(window, "week", "2027-03-01");
  await open(window, `Cours ${number}`, "following");
  await page.locator("dialog [name=place]").fill(`Amphi ${number}`);
  await page.locator("dialog .foot .primary").click();
  await dialogGone(page);
  await show(window, "week", "2027-03-15");
  await page.locator(`section button[title*="Amphi ${number}"]`).first().waitFor();
}

/** Waits until a time begins at this hour of its day, as the page shows it. */
async function stands(page, title, top) {
  await page.waitForFunction(([title, top]) => {
    const found = [...document.querySelectorAll(".time")].find((it) => it.querySelector("bdi")?.textContent === title);
    return found && Math.abs(found.offsetTop - top) < 4;
  }, [title, top]);
}

/** Dragged an hour later with all that follow, that undone, and done again by keys. */
async function later(window, name) {
  const { page } = window;
  await show(window, "week", "2027-04-05");
  const time = page.locator(".time", { has: page.getByText(name, { exact: true }) });
  await time.evaluate((it) => it.scrollIntoView({ block: "center" }));
  const before = await time.evaluate((it) => it.offsetTop);
  const box = await time.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 10 + HOUR, { steps: 4 });
  await page.mouse.up();
  await page.locator("dialog .foot .following").click();
  await stands(page, name, before + HOUR);
  await undo(page, name);
  await stands(page, name, before);
  await event(page, name).focus();
  for (let step = 0; step < 4; step++) await page.keyboard.press("Shift+ArrowDown");
  await page.locator("dialog .foot .following").click();
  await stands(page, name, before + HOUR);
  await page.locator(".toast", { hasText: name }).last().waitFor();
}

/** Nothing from a time on, that undone, and done again. */
async function end(window, name) {
  const { page } = window;
  for (const isLast of [false, true]) {
    await show(window, "week", "2027-04-26");
    await event(page, name).waitFor();
    await open(window, name, "following");
    await page.locator("dialog .danger").click();
    await dialogGone(page);
    await event(page, name).waitFor({ state: "detached" });
    if (isLast) break;
    await undo(page, name);
    await event(page, name).waitFor();
  }
  await show(window, "week", "2027-04-19");
  await event(page, name).waitFor();
}

/** Who is invited hears of both halves. */
async function meeting(window) {
  const { page } = window;
  await show(window, "week", "2027-03-30");
  await open(window, "Conseil", "following");
  const dialog = page.locator("dialog").first();
  const [from, to] = [dialog.locator("[name=from]"), dialog.locator("[name=to]")];
  const later = (text) => text.replace(/T(\d\d)/, (_, hour) => `T${String(Number(hour) + 2).padStart(2, "0")}`);
  const [start, end] = [await from.inputValue(), await to.inputValue()];
  await to.fill(later(end));
  await from.fill(later(start));
  await dialog.locator(".foot .primary").click();
  await page.locator("dialog .tell").click();
  await dialogGone(page);
}

/** The old half does not end: the new one goes again, and the page says so. */
async function refused(window) {
  const { page } = window;
  await page.route("**/jmap/**", async (route) => {
    const request = route.request();
    const body = request.postData() ?? "";
    if (!body.includes("#accountId")) return route.continue();
    const said = JSON.parse(body);
    const ending = said.methodCalls.find(([, args]) => args["#accountId"]);
    ending[1].update = { nothing: Object.values(ending[1].update)[0] };
    return route.continue({ postData: JSON.stringify(said) });
  });
  await show(window, "week", "2027-03-29");
  await open(window, "Cours 0 bis", "following");
  await page.locator("dialog [name=title]").fill("Cours perdu");
  await page.locator("dialog .foot .primary").click();
  await page.locator("dialog .wrong").waitFor();
  await window.check("not ended");
  await page.unroute("**/jmap/**");
  await page.keyboard.press("Escape");
  await dialogGone(page);
  await show(window, "week", "2027-03-22");
  await show(window, "week", "2027-03-29");
  await event(page, "Cours 0 bis").waitFor();
  window.expect("the new half is gone again", await event(page, "Cours perdu").count() === 0);
}

function cell(page, day) {
  return page.locator(`[data-day="${day}"]`);
}

function inCell(page, day, title) {
  return cell(page, day).getByText(title, { exact: true });
}

/** Drags what is called so from one day of a month onto another. */
async function carry(page, title, from, to) {
  const box = await inCell(page, from, title).boundingBox();
  const goal = await cell(page, to).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move((box.x + goal.x) / 2, (box.y + goal.y) / 2, { steps: 3 });
  await page.mouse.move(goal.x + goal.width / 2, goal.y + goal.height / 2, { steps: 3 });
  await page.mouse.up();
}

/** Over the end of the month by a mouse, that undone, and two days on by keys. */
async function month(window, number) {
  const { page } = window;
  const name = `Soutenance ${number}`;
  await show(window, "month", "2027-03-15");
  await inCell(page, "2027-03-31", name).waitFor();
  await carry(page, name, "2027-03-31", "2027-04-09");
  await inCell(page, "2027-04-09", name).waitFor();
  await page.locator(".toast", { hasText: name }).last().waitFor();
  await window.check("month dragged");
  await undo(page, name);
  await inCell(page, "2027-03-31", name).waitFor();
  await cell(page, "2027-03-31").locator("button", { hasText: name }).focus();
  const [on, back] = window.language === "ar" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
  for (const key of ["ArrowDown", on, on, back, on, "ArrowUp"]) await page.keyboard.press(`Shift+${key}`);
  window.expect("the focus goes with it", await page.evaluate((name) => document.activeElement?.textContent.includes(name), name));
  await page.locator(".toast", { hasText: name }).last().waitFor();
  await inCell(page, "2027-04-02", name).waitFor();
  // A time that is pressed and not moved is opened.
  await inCell(page, "2027-04-02", name).click();
  await page.locator("dialog [name=title]").waitFor();
  await page.keyboard.press("Escape");
  await dialogGone(page);
}

/** Two days each month, of which all but the first are moved by three: they stay two, and the rule says the other day. */
async function days(window) {
  const { page } = window;
  await show(window, "month", "2027-05-15");
  await inCell(page, "2027-05-01", "Jours").waitFor();
  await carry(page, "Jours", "2027-05-02", "2027-05-05");
  await page.locator("dialog .foot .following").click();
  await inCell(page, "2027-05-05", "Jours").waitFor();
  window.expect("it is as long as it was", await inCell(page, "2027-05-04", "Jours").count() === 1 && await inCell(page, "2027-05-06", "Jours").count() === 0);
}

/** Who only reads drags nothing. */
async function reads(window) {
  const other = await window.constructor.open(window.context.browser(), { base, language: window.language, viewport: window.viewport, shots: window.shots });
  other.name = `${window.name} reader`;
  const { page } = other;
  await other.signIn(reader);
  await show(other, "month", "2027-03-15");
  await inCell(page, "2027-03-31", "Soutenance 2").waitFor();
  await carry(page, "Soutenance 2", "2027-03-31", "2027-03-26");
  await page.keyboard.press("Escape");
  await event(page, "Soutenance 2").focus();
  await page.keyboard.press("Shift+ArrowLeft");
  other.expect("it stays where it is", await inCell(page, "2027-03-31", "Soutenance 2").count() === 1 && await inCell(page, "2027-03-26", "Soutenance 2").count() === 0);
  window.faults.push(...other.faults);
  await other.context.close();
}
