// Meetings in the office: planned by when people and rooms have time, answered in the calendar and from the mail, moved and called off, and what
// each of them sees of it. Each in two languages and two sizes.
//
// node office_meeting.mjs CERTIFICATES PORT SHOTS ORGANISER COLLEAGUE COLLEAGUE ROOM ELSEWHERE MONDAY...: as office.mjs; somebody of another
// institution, and the Monday of each round, on which hours are taken: 8 to 10, 10 to 12, 12 to 14 in UTC.

import { base, given, round } from "./office_round.mjs";

const [organizer, colleague, other, room, elsewhere, ...mondays] = given;
/** How subjects of mails begin that call something off, in the languages of institutions. */
const CALLED_OFF = "(Annul|Cancel)";
let rounds = 0;

await round(async (window) => {
  const week = rounds++;
  const monday = (mondays[week] ?? "").replace(/^(....)(..)(..)$/, "$1-$2-$3");
  const title = `Conseil ${window.name}`;
  await window.signIn(organizer);
  const guest = await another(window, colleague);
  await plan(window, title, monday);
  await invited(guest, title, monday);
  await answered(window, title, monday);
  await move(window, title, monday);
  await movedFor(guest, title, monday);
  await callOff(window, title, monday);
  await calledOff(guest, title, monday);
  await byMail(guest, week);
  await replied(window, week, monday);
  window.faults.push(...guest.faults);
  await guest.context.close();
});

/** Another person in a window of their own. */
async function another(window, login) {
  const other = await window.constructor.open(window.context.browser(), { base, language: window.language, viewport: window.viewport, shots: window.shots });
  other.name = `${window.name} ${login === colleague ? "guest" : login}`;
  await other.signIn(login);
  return other;
}

function event(page, title) {
  return page.locator("section button", { has: page.locator("bdi", { hasText: title }) }).first();
}

/** Opens the list of a day. */
async function list(window, day) {
  const { page } = window;
  // Its own address would change nothing.
  await page.goto(`${base}/#/settings`);
  await page.locator("main").first().waitFor();
  await page.goto(`${base}/#/calendar/list/${day}`);
  // What there is to write in is known.
  await page.locator("aside li").first().waitFor({ state: "attached" });
}

async function invite(dialog, page, letters) {
  const before = await dialog.locator("section li select[name=needed]").count();
  await dialog.locator("[role=combobox]").fill("");
  await dialog.locator("[role=combobox]").pressSequentially(letters);
  await dialog.locator("[role=option]").first().waitFor();
  await page.keyboard.press("Enter");
  await dialog.locator("section li select[name=needed]").nth(before).waitFor();
}

/** When the meeting is by the form, in UTC. */
function begins(dialog) {
  return dialog.locator("[name=from]").evaluate((it) => new Date(it.value).toISOString().slice(0, 16));
}

async function plan(window, title, monday) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await list(window, monday);
  await page.keyboard.press("c");
  await dialog.locator("[name=title]").fill(title);
  const at = (hour) => page.evaluate((at) => {
    const local = new Date(at);
    return new Date(local.getTime() - local.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }, `${monday}T${hour}:00:00Z`);
  await dialog.locator("[name=from]").fill(await at("08"));
  await dialog.locator("[name=to]").fill(await at("09"));
  await invite(dialog, page, colleague);
  await invite(dialog, page, other);
  await invite(dialog, page, `${elsewhere}@b.test`);
  await dialog.locator("select[name=needed]").last().selectOption("optional");
  await window.check("meeting people");
  await dialog.locator(".plan").click();
  const row = (mail, state) => dialog.locator(`.free-busy li.${state}[data-mail^="${mail}"]`);
  await row(colleague, "taken").waitFor();
  await row(other, "free").waitFor();
  await row(elsewhere, "untold").waitFor();
  await row(organizer, "free").waitFor();
  await dialog.locator(".next").scrollIntoViewIfNeeded();
  await window.check("meeting taken");
  // Both have time at twelve, the room from two o'clock on.
  await dialog.locator(".next").click();
  await row(colleague, "free").waitFor();
  window.expect(`the next time at which both are free is ${await begins(dialog)}`, await begins(dialog) === `${monday}T12:00`);
  await dialog.locator(".next-room").click();
  await row(room, "free").waitFor();
  window.expect(`with a room it is ${await begins(dialog)}`, await begins(dialog) === `${monday}T14:00`);
  window.expect("the room is where it is", (await dialog.locator("[name=place]").inputValue()) !== "");
  // By keys into somebody's hours, and back.
  const isRight = window.language === "ar";
  const slider = dialog.locator("[role=slider]");
  await slider.focus();
  for (let step = 0; step < 4; step++) await page.keyboard.press(isRight ? "ArrowRight" : "ArrowLeft");
  await row(room, "taken").waitFor();
  window.expect(`by keys it is ${await begins(dialog)}`, await begins(dialog) === `${monday}T13:00`);
  window.expect("who reads it out hears when it is", /\d|[٠-٩]/.test(await slider.getAttribute("aria-valuetext")));
  for (let step = 0; step < 4; step++) await page.keyboard.press(isRight ? "ArrowLeft" : "ArrowRight");
  await row(room, "free").waitFor();
  if (window.viewport.width > 760) await drag(window, dialog, slider, monday);
  await slider.scrollIntoViewIfNeeded();
  await window.check("meeting plan");
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await event(page, title).waitFor();
}

/** Dragged by an hour, and back; several days are shown beside it. */
async function drag(window, dialog, slider, monday) {
  const { page } = window;
  const pull = async (hours) => {
    const box = await slider.boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const by = box.width * hours * (window.language === "ar" ? -1 : 1);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + by / 2, y, { steps: 3 });
    await page.mouse.move(x + by, y, { steps: 3 });
    await page.mouse.up();
  };
  await slider.scrollIntoViewIfNeeded();
  await pull(1);
  window.expect(`dragged it is ${await begins(dialog)}`, await begins(dialog) === `${monday}T15:00`);
  await pull(-1);
  window.expect(`dragged back it is ${await begins(dialog)}`, await begins(dialog) === `${monday}T14:00`);
  await dialog.locator("[name=many]").check();
  await dialog.locator(".several .block").first().waitFor();
  await window.check("meeting week");
  await dialog.locator("[name=many]").uncheck();
}

/** Who is invited sees it, and that it is not answered; and answers. */
async function invited(window, title, monday) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await list(window, monday);
  const found = page.locator("button.open", { has: page.locator("bdi", { hasText: title }) });
  await found.waitFor();
  await window.check("meeting unanswered");
  await found.click();
  await dialog.locator(".answers").waitFor();
  await dialog.locator(".standing").first().waitFor();
  window.expect("what others organise is not changed here", await dialog.locator("fieldset:disabled [name=title]").count() === 1);
  await window.check("meeting invitation");
  await dialog.locator(".answers .accepted").click();
  await dialog.waitFor({ state: "detached" });
  await event(page, title).waitFor();
  window.expect("it is answered", await found.count() === 0);
}

/** The organiser sees who comes; the room has answered by itself. */
async function answered(window, title, monday) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await list(window, monday);
  await event(page, title).click();
  await dialog.locator("section li").first().waitFor();
  const standing = (who, word) => dialog.locator("section li", { hasText: who }).locator(`.standing.${word}`).waitFor();
  await standing(`${colleague}@a.test`, "accepted");
  await standing(`${room}@a.test`, "accepted");
  await standing(`${other}@a.test`, "waiting");
  await dialog.locator("section li").last().scrollIntoViewIfNeeded();
  await window.check("meeting answers");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

/** An hour later; whether those who are invited hear of it is asked once. */
async function move(window, title, monday) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await event(page, title).click();
  await dialog.locator(".plan").click();
  await dialog.locator(".free-busy li.free").first().waitFor();
  // Its own time is nobody's other appointment.
  window.expect("what is moved stands in nobody's way", await dialog.locator(".free-busy li.taken").count() === 0);
  const isRight = window.language === "ar";
  await dialog.locator("[role=slider]").focus();
  for (let step = 0; step < 4; step++) await page.keyboard.press(isRight ? "ArrowLeft" : "ArrowRight");
  window.expect(`it is moved to ${await begins(dialog)}`, await begins(dialog) === `${monday}T15:00`);
  await dialog.locator(".foot .primary").click();
  await page.locator("dialog .tell").waitFor();
  await window.check("meeting tell");
  await page.locator("dialog .tell").click();
  await dialog.first().waitFor({ state: "detached" });
}

async function movedFor(window, title, monday) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await list(window, monday);
  await page.locator("button.open", { has: page.locator("bdi", { hasText: title }) }).click();
  await dialog.locator(".answers").waitFor();
  window.expect(`who is invited sees it at ${await begins(dialog)}`, await begins(dialog) === `${monday}T15:00`);
  await dialog.locator(".answers .tentative").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("button.maybe", { has: page.locator("bdi", { hasText: title }) }).waitFor();
}

async function callOff(window, title, monday) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await list(window, monday);
  await event(page, title).click();
  await dialog.locator(".foot .danger").click();
  await page.locator("dialog .tell").click();
  await event(page, title).waitFor({ state: "detached" });
  // It can be had back no longer.
  await page.locator(".toast", { hasText: title }).last().waitFor({ state: "detached", timeout: 30_000 });
}

async function calledOff(window, title, monday) {
  const { page } = window;
  const dialog = page.locator("dialog");
  const found = page.locator("button.cancelled", { has: page.locator("bdi", { hasText: title }) });
  await list(window, monday);
  // The removal is on its way while the toast goes; the page is told of it, and asks again each minute where it is not.
  await found.first().waitFor({ timeout: 90_000 });
  await found.click();
  await dialog.locator(".note.off").waitFor();
  await window.check("meeting called off");
  window.expect("there is nothing to answer any more", await dialog.locator(".answers").count() === 0);
}

/** Opens a message. */
async function read(window, subject) {
  const { page } = window;
  await page.goto(`${base}/#/mail`);
  await page.locator("[role=option]", { hasText: subject }).first().click();
}

/** Somebody elsewhere invites, changes it and calls it off: each is answered, or taken, where it is read. */
async function byMail(window, week) {
  const { page } = window;
  const card = page.locator("section.card");
  await read(window, new RegExp(`Oral ${week}`));
  await card.locator(".clash", { hasText: "Permanence" }).waitFor();
  await card.locator(".what", { hasText: `Oral ${week}` }).waitFor();
  await window.check("meeting mail invitation");
  await card.locator(".answers .accepted").click();
  await card.locator(".answers .accepted[aria-pressed=true]").waitFor();
  await read(window, new RegExp(`Invitation.*Jury ${week}`));
  await card.locator(".changed").waitFor();
  window.expect("it is said when it was before", await card.locator("s").count() > 0);
  await window.check("meeting mail change");
  await card.locator(".answers .tentative").click();
  await card.locator(".answers .tentative[aria-pressed=true]").waitFor();
  await read(window, new RegExp(`${CALLED_OFF}.*Jury ${week}`));
  await page.locator("section.card.cancel .take").click();
  await page.locator("section.card.cancel .in").waitFor();
  await window.check("meeting mail called off");
  await page.locator("section.card.cancel a").click();
  await page.locator("button.cancelled", { hasText: `Jury ${week}` }).first().waitFor();
}

/** Somebody elsewhere has answered: it is said who, and comes into the calendar. */
async function replied(window, week, monday) {
  const { page } = window;
  const card = page.locator("section.card.reply");
  const dialog = page.locator("dialog");
  await read(window, new RegExp(`Avis ${week}`));
  await card.locator("h3", { hasText: /\S/ }).waitFor();
  await window.check("meeting mail answer");
  await card.locator(".take").click();
  await card.locator(".in").waitFor();
  await list(window, monday);
  await event(page, `Avis ${week}`).click();
  await dialog.locator("section li", { hasText: `${elsewhere}@b.test` }).locator(".standing.accepted").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}
