// Calendars in the office: one is made, events are written, moved and stretched by a mouse, one time of what recurs is another one; a
// colleague sees what is shared with them, and of what is private when it is. Each view in two languages and two sizes.

import { given, round } from "./office_round.mjs";

const [owner, colleague] = given;
const day = (offset = 0) => {
  const now = new Date();
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
};

await round(async (window) => {
  const { page } = window;
  const isPhone = window.viewport.width < 760;
  await window.signIn(owner);
  await page.goto(`${window.base}/#/calendar`);
  await page.locator(".calendar").waitFor();
  if (await page.locator(".empty").count() > 0) await window.check("no calendar");
  await calendar(window, isPhone);
  const title = `Jury ${window.name}`;
  await write(window, title, isPhone);
  await page.goto(`${window.base}/#/calendar/week/${day()}`);
  await event(page, title).waitFor();
  await window.check("week");
  if (!isPhone) await drag(window, title);
  await recurring(window);
  for (const view of ["day", "month", "list"]) {
    await page.goto(`${window.base}/#/calendar/${view}/${day()}`);
    await event(page, title).waitFor();
    await window.check(view);
  }
  await remove(window, title);
  await shared(window);
});

function event(page, title) {
  return page.locator("section button", { has: page.locator("bdi", { hasText: title }) }).first();
}

async function calendar(window, isPhone) {
  const { page } = window;
  if (isPhone) await page.locator(".places").click();
  await page.locator("aside > .button.plain").click();
  await page.locator("dialog input").first().fill(`Cours ${window.name}`);
  await window.check("new calendar");
  await page.locator("dialog .foot .primary").click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.locator("aside label", { hasText: `Cours ${window.name}` }).waitFor({ state: "attached" });
  if (isPhone) await page.locator(".places").click();
}

/** Writes an event by the form: what is there when it is opened again is what was typed. */
async function write(window, title, isPhone) {
  const { page } = window;
  if (isPhone) await page.locator(".places").click();
  await page.locator("aside .new").click();
  const dialog = page.locator("dialog");
  await dialog.locator("input").first().fill(title);
  await dialog.locator("input[type='datetime-local']").first().fill(`${day()}T09:30`);
  await dialog.locator("input[type='datetime-local']").last().fill(`${day()}T08:30`);
  await dialog.locator(".primary").click();
  if (await dialog.locator("input:invalid").count() === 0) await dialog.locator(".wrong").waitFor();
  await window.check("ends before it begins");
  await dialog.locator("input[type='datetime-local']").last().fill(`${day()}T10:30`);
  await dialog.locator("textarea").fill("Ordre du jour\nمحضر");
  await window.check("form");
  await dialog.locator(".primary").click();
  await dialog.waitFor({ state: "detached" });
}

/** Moved by an hour, made longer by one, and moved back by undoing it. */
async function drag(window, title) {
  const { page } = window;
  const box = async () => (await event(page, title).boundingBox());
  const hour = 48;
  const pull = async (from, by) => {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, from.y + by / 2, { steps: 3 });
    await page.mouse.move(from.x, from.y + by, { steps: 3 });
    await page.mouse.up();
  };
  const before = await box();
  await pull({ x: before.x + before.width / 2, y: before.y + 10 }, hour);
  await page.waitForFunction(([title, top]) => {
    const found = [...document.querySelectorAll("section bdi")].find((it) => it.textContent === title);
    return found && Math.abs(found.closest("button").getBoundingClientRect().top - top) < 3;
  }, [title, before.y + hour]);
  const moved = await box();
  await pull({ x: moved.x + moved.width / 2, y: moved.y + moved.height - 1 }, hour);
  await page.waitForFunction(([title, height]) => {
    const found = [...document.querySelectorAll("section bdi")].find((it) => it.textContent === title);
    return found && found.closest("button").getBoundingClientRect().height > height;
  }, [title, moved.height + hour / 2]);
  await page.locator(".toast button:not(.close)").last().click();
  await page.waitForFunction(([title, height]) => {
    const found = [...document.querySelectorAll("section bdi")].find((it) => it.textContent === title);
    return found && Math.abs(found.closest("button").getBoundingClientRect().height - height) < 4;
  }, [title, moved.height]);
}

/** Every day, of which one time gets another title. */
async function recurring(window) {
  const { page } = window;
  const title = `Cours de ${window.name}`;
  await page.goto(`${window.base}/#/calendar/day/${day()}`);
  await page.keyboard.press("c");
  const dialog = page.locator("dialog");
  await dialog.locator("input").first().fill(title);
  await dialog.locator("select").first().selectOption("daily");
  await dialog.locator(".primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.goto(`${window.base}/#/calendar/day/${day(1)}`);
  await event(page, title).focus();
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await window.check("which time");
  await dialog.locator(".foot .button").first().click();
  await dialog.locator("input").first().fill(`${title} en salle B`);
  await dialog.locator(".foot .primary").click();
  await event(page, `${title} en salle B`).waitFor();
  await page.goto(`${window.base}/#/calendar/day/${day(2)}`);
  await event(page, title).waitFor();
  window.expect("the other times stay as they were", await page.locator("section bdi", { hasText: "en salle B" }).count() === 0);
}

async function remove(window, title) {
  const { page } = window;
  await page.goto(`${window.base}/#/calendar/list/${day()}`);
  await event(page, title).click();
  await page.locator("dialog .danger").click();
  await event(page, title).waitFor({ state: "detached" });
}

/** What the owner has shared by a grant: public events whole, private ones as busy. */
async function shared(window) {
  const other = await window.constructor.open(window.context.browser(), { base: window.base, language: window.language, viewport: window.viewport, shots: window.shots });
  other.name = `${window.name} colleague`;
  await other.signIn(colleague);
  await other.page.goto(`${other.base}/#/calendar/list/${day()}`);
  await event(other.page, "Conseil").waitFor();
  await other.check("shared");
  other.expect("of what is private nothing is told", !(await other.page.locator("section").innerText()).includes("Médecin"));
  await event(other.page, "Conseil").click();
  await other.page.locator("dialog fieldset:disabled").waitFor();
  await other.check("shared event");
  window.faults.push(...other.faults);
  await other.context.close();
}
