// Calendars in the office: made, named anew, shared by the page and removed; events written, moved and stretched by a mouse and by keys,
// one time of what recurs is another one; a colleague sees what is shared with them, and of what is private when it is. Each view in two
// languages and two sizes, and once a week of 300 events.

import { readFileSync } from "node:fs";
import { bring, calendar as exported, look } from "./exchange_files.mjs";
import { aside, close } from "./office_aside.mjs";
import { base, given, pictures, round } from "./office_round.mjs";

const [owner, colleague] = given;
const HOUR = 48;
const MANY = 300;
let isMeasured = false;

const day = (offset = 0) => {
  const now = new Date();
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
};

await round(async (window) => {
  const { page } = window;
  const isPhone = window.viewport.width < 760;
  const title = `Jury ${window.name}`;
  // What is written here has an alarm of today: whether it is due depends on the hour, and would lie over what is tried.
  await window.context.addInitScript(() => {
    const kept = globalThis.origin === "null" ? null : JSON.parse(localStorage.getItem("office.preferences") ?? "{}");
    if (kept) localStorage.setItem("office.preferences", JSON.stringify({ alarms: false, ...kept }));
  });
  await window.signIn(owner);
  await page.goto(`${window.base}/#/calendar`);
  await page.locator(".calendar").waitFor();
  await calendar(window);
  await write(window, title);
  await page.goto(`${window.base}/#/calendar/week/${day()}`);
  await event(page, title).waitFor();
  await window.check("week");
  await told(window);
  if (!isPhone) {
    await drag(window, title);
    await byKeys(window, title);
  }
  await again(window, title);
  await recurring(window);
  for (const view of ["day", "list"]) {
    await page.goto(`${window.base}/#/calendar/${view}/${day()}`);
    await event(page, title).waitFor();
    await window.check(view);
  }
  await page.goto(`${window.base}/#/calendar/month/${day()}`);
  await page.locator("td.today .more, td.today bdi").first().waitFor();
  await window.check("month");
  await remove(window, title);
  await share(window);
  await shared(window);
  await exchange(window);
  await onPaper(window);
  await removeCalendar(window);
  if (!isPhone && !isMeasured) await many(window);
});

function event(page, title) {
  return page.locator("section button", { has: page.locator("bdi", { hasText: title }) }).first();
}

function named(window) {
  return `Cours ${window.name}`;
}

/** Chooses from the menu of a calendar. */
async function choose(window, name, icon) {
  const { page } = window;
  await aside(window);
  await page.locator("aside li", { hasText: name }).locator("[aria-haspopup=menu]").click();
  await page.locator(`[role=menu]:popover-open [role=menuitem]:has(use[href$='#${icon}'])`).click();
}

/** Makes a calendar, and gives it another name. */
async function calendar(window) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await aside(window);
  await window.check("calendars");
  await page.locator("aside > .button.plain").click();
  await dialog.locator("[name=called]").fill(`Cour ${window.name}`);
  await window.check("new calendar");
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("aside li", { hasText: `Cour ${window.name}` }).waitFor({ state: "attached" });
  await choose(window, `Cour ${window.name}`, "pencil");
  await dialog.locator("[name=called]").fill(named(window));
  await dialog.locator("[name=colour]").fill("#8a1538");
  await dialog.locator("[name=default]").check();
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("aside li", { hasText: named(window) }).waitFor({ state: "attached" });
  await choose(window, named(window), "pencil");
  const chosen = dialog.locator("[name=default]");
  window.expect("invitations come where they were let", await chosen.isChecked() && await chosen.isDisabled());
  await dialog.locator(".top button").click();
  await dialog.waitFor({ state: "detached" });
  window.expect("one that nobody has named is called by its place", await page.locator("aside bdi", { hasText: "/" }).count() === 0);
  await close(window);
}

/** Writes an event by the form, which says what is wrong with it. */
async function write(window, title) {
  const { page } = window;
  await aside(window);
  await page.locator("aside .new").click();
  const dialog = page.locator("dialog");
  await dialog.locator("[name=title]").fill(title);
  await dialog.locator("[name=calendar]").selectOption({ label: named(window) });
  await dialog.locator("[name=from]").fill(`${day()}T09:30`);
  await dialog.locator("[name=to]").fill(`${day()}T08:30`);
  await dialog.locator(".primary").click();
  if (await dialog.locator("input:invalid").count() === 0) await dialog.locator(".wrong").waitFor();
  await window.check("ends before it begins");
  await dialog.locator("[name=to]").fill(`${day()}T10:30`);
  await dialog.locator("[name=alarm]").selectOption("-PT15M");
  await dialog.locator("[name=private]").check();
  await dialog.locator("[name=place]").fill("Amphi 1");
  await dialog.locator("textarea").fill("Ordre du jour\nمحضر");
  await window.check("form");
  await dialog.locator(".primary").click();
  await dialog.waitFor({ state: "detached" });
}

/** What another program writes is there before anybody looks again: it is told. */
async function told(window) {
  const { page } = window;
  const name = `Programme ${window.name}`;
  const item = `/dav/calendars/${owner}/service/${encodeURIComponent(window.name)}.ics`;
  const send = (method, body) => page.evaluate(([method, item, body]) => fetch(item, { method, body, headers: { "content-type": "text/calendar" } }).then((it) => it.status), [method, item, body]);
  const when = `${day().replaceAll("-", "")}T130000`;
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", `UID:told-${item}`, "DTSTAMP:20261101T080000Z", `DTSTART:${when}`, "DURATION:PT1H", `SUMMARY:${name}`, "END:VEVENT", "END:VCALENDAR", ""];
  window.expect("another program writes", await send("PUT", lines.join("\r\n")) === 201);
  await event(page, name).waitFor({ timeout: 20_000 });
  window.expect("another program removes", await send("DELETE") === 204);
  await event(page, name).waitFor({ state: "detached", timeout: 20_000 });
}

/** Waits until what is called so stands and is as high as `is` says. */
async function stands(page, title, is) {
  await page.waitForFunction(([title, is]) => {
    const found = [...document.querySelectorAll("section bdi")].find((it) => it.textContent === title)?.closest("button")?.getBoundingClientRect();
    const near = (one, other) => other === undefined || Math.abs(one - other) < 4;
    return found && near(found.top, is.top) && near(found.height, is.height) && near(found.left, is.left);
  }, [title, is]);
}

/** Moved by an hour, made longer by one, and that undone. */
async function drag(window, title) {
  const { page } = window;
  await page.locator(".time", { has: page.locator("bdi", { hasText: title }) }).evaluate((it) => it.scrollIntoView({ block: "center" }));
  const pull = async (from, by) => {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, from.y + by / 2, { steps: 3 });
    await page.mouse.move(from.x, from.y + by, { steps: 3 });
    await page.mouse.up();
  };
  const before = await event(page, title).boundingBox();
  await pull({ x: before.x + before.width / 2, y: before.y + 10 }, HOUR);
  await stands(page, title, { top: before.y + HOUR });
  const moved = await event(page, title).boundingBox();
  await pull({ x: moved.x + moved.width / 2, y: moved.y + moved.height - 1 }, HOUR);
  await stands(page, title, { height: moved.height + HOUR });
  // The store has taken both.
  await page.locator(".toast button:not(.close)").nth(1).waitFor();
  await page.locator(".toast button:not(.close)").nth(1).click();
  await stands(page, title, { height: moved.height });
}

/** The same by keys: a quarter later twice, longer by one; what is there is told and stays when the page is loaded anew. */
async function byKeys(window, title) {
  const { page } = window;
  await event(page, title).focus();
  const before = await event(page, title).boundingBox();
  for (const key of ["Shift+ArrowDown", "Shift+ArrowDown", "Alt+ArrowDown"]) await page.keyboard.press(key);
  await stands(page, title, { top: before.y + HOUR / 2, height: before.height + HOUR / 4 });
  window.expect("the focus goes with it", await page.evaluate((title) => document.activeElement?.textContent.includes(title), title));
  // It is written once the keys rest.
  await page.locator(".toast button:not(.close)").nth(1).waitFor();
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Escape");
  await stands(page, title, { top: before.y + HOUR / 2 });
  await page.reload();
  await event(page, title).waitFor();
  await stands(page, title, { height: before.height + HOUR / 4 });
}

/** What was typed is there when it is opened again, and another description leaves the rest. */
async function again(window, title) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await page.goto(`${window.base}/#/calendar/list/${day()}`);
  await event(page, title).click();
  await dialog.waitFor();
  const values = await dialog.locator("form").evaluate((form) => Object.fromEntries(new FormData(form)));
  window.expect(`what was typed is there: ${JSON.stringify(values)}`, values.alarm === "-PT15M" && values.place === "Amphi 1" && values.private === "on" && values.description.includes("محضر"));
  await dialog.locator("[name=place]").fill("Amphi 2");
  await dialog.locator(".primary").click();
  await dialog.waitFor({ state: "detached" });
}

/** Every day, of which one time gets another title. */
async function recurring(window) {
  const { page } = window;
  const title = `Atelier ${window.name}`;
  await page.goto(`${window.base}/#/calendar/day/${day()}`);
  await page.locator(".days").waitFor();
  await page.keyboard.press("c");
  const dialog = page.locator("dialog");
  await dialog.locator("[name=title]").fill(title);
  await dialog.locator("[name=calendar]").selectOption({ label: named(window) });
  await dialog.locator("[name=every]").selectOption("weekly");
  await dialog.locator("[name=day]").first().check();
  await dialog.locator("[name=every]").selectOption("daily");
  await dialog.locator("[name=ends]").selectOption("count");
  await dialog.locator("[name=count]").fill("5");
  await window.check("recurrence");
  const words = await dialog.locator("form p[role=status]:not(.hint)").innerText();
  window.expect(`it is said in words: ${words}`, /5|٥/.test(words));
  await dialog.locator(".primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.goto(`${window.base}/#/calendar/day/${day(1)}`);
  await event(page, title).focus();
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await window.check("which time");
  await dialog.locator(".foot .button").first().click();
  await dialog.locator("[name=title]").fill(`${title} en salle B`);
  await dialog.locator(".foot .primary").click();
  await event(page, `${title} en salle B`).waitFor();
  await page.goto(`${window.base}/#/calendar/day/${day(2)}`);
  await event(page, title).waitFor();
  window.expect("the other times stay as they were", await page.locator("section bdi", { hasText: "en salle B" }).count() === 0);
  await page.goto(`${window.base}/#/calendar/day/${day(5)}`);
  await page.locator("h2", { hasText: new Intl.DateTimeFormat(window.language, { month: "long" }).format(new Date(day(5))) }).first().waitFor();
  window.expect("after five times it is over", await event(page, title).count() === 0);
}

/** Removed, had back, and removed for good when the page goes. */
async function remove(window, title) {
  const { page } = window;
  await page.goto(`${window.base}/#/calendar/list/${day()}`);
  const away = async () => {
    await event(page, title).click();
    await page.locator("dialog .danger").click();
    await event(page, title).waitFor({ state: "detached" });
  };
  await away();
  await page.locator(".toast", { hasText: title }).last().locator("button:not(.close)").click();
  await event(page, title).waitFor();
  await away();
  await leave(page);
  await gone(page, title);
  await page.goto(`${window.base}/#/calendar/list/${day()}`);
  await page.locator(".list section").first().waitFor();
  window.expect("it is gone", await event(page, title).count() === 0);
}

/** Another program's calendar comes in, but for what is none, and goes out. */
async function exchange(window) {
  const { page } = window;
  const name = window.name.replaceAll(" ", "-");
  await choose(window, named(window), "upload");
  const would = await look(page, exported(name, day().replaceAll("-", "")));
  await window.check("import events");
  const came = await bring(page);
  window.expect(`two come, and one cannot: ${would}; ${came}`, would === "new 2, failed 1" && came === would);
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await close(window);
  await page.goto(`${window.base}/#/calendar/list/${day()}`);
  for (const title of [`Portes ouvertes ${name}`, `TD ${name}`]) await event(page, title).waitFor();
  const download = page.waitForEvent("download");
  await choose(window, named(window), "download");
  const file = readFileSync(await (await download).path(), "utf8");
  window.expect(`the calendar is taken out whole: ${file}`, file.includes(`TD ${name}`) && file.includes("RRULE:FREQ=WEEKLY;COUNT=4"));
  await close(window);
}

/** Leaves the office: who leaves has decided what was removed. */
async function leave(page) {
  await page.goto(`${base}/basic`);
}

/** Waits until the store has no such thing any more. */
async function gone(page, title) {
  await page.goto(`${base}/#/settings`);
  await page.locator("main").first().waitFor();
  await page.evaluate(async (title) => {
    const session = await (await fetch("/jmap/session")).json();
    const accountId = session.primaryAccounts["urn:ietf:params:jmap:calendars"];
    const body = JSON.stringify({ using: Object.keys(session.capabilities), methodCalls: [["CalendarEvent/query", { accountId, filter: { title } }, "c"]] });
    const headers = { "content-type": "application/json" };
    for (let tries = 0; tries < 200; tries += 1) {
      const answer = await (await fetch(new URL(session.apiUrl).pathname, { method: "POST", headers, body })).json();
      const [name, found] = answer.methodResponses[0];
      if (name === "error") throw new Error(JSON.stringify(found));
      if (found.ids.length === 0) return;
    }
    throw new Error(`${title} is still there`);
  }, title);
}

async function share(window) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await choose(window, named(window), "share-2");
  await dialog.locator("[role=combobox]").pressSequentially(colleague);
  await dialog.locator("[role=option]").first().waitFor();
  await page.keyboard.press("Enter");
  await dialog.locator("li select").waitFor();
  await window.check("share");
  await dialog.locator("li select").selectOption("write");
  await dialog.locator(".said", { hasText: /./ }).waitFor();
  window.expect("who has it may write", await dialog.locator("li select").inputValue() === "write");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await close(window);
}

/** What the owner has shared, by a grant and by the page: public events whole, private ones as busy; by the page to write too. */
async function shared(window) {
  const other = await window.constructor.open(window.context.browser(), { base: window.base, language: window.language, viewport: window.viewport, shots: window.shots });
  other.name = `${window.name} colleague`;
  const { page } = other;
  await other.signIn(colleague);
  await page.goto(`${other.base}/#/calendar/list/${day()}`);
  await event(page, "Conseil").waitFor();
  await event(page, `Atelier ${window.name}`).waitFor();
  await other.check("shared");
  other.expect("of what is private nothing is told", !(await page.locator("section").first().innerText()).includes("Médecin"));
  await event(page, "Conseil").click();
  await page.locator("dialog fieldset:disabled").waitFor();
  await other.check("shared event");
  await page.keyboard.press("Escape");
  await event(page, `Atelier ${window.name}`).click();
  await page.locator("dialog .foot .button").first().click();
  await page.locator("dialog fieldset:enabled [name=title]").waitFor();
  window.faults.push(...other.faults);
  await other.context.close();
}

/** On paper there is the week, and nothing of the office around it. */
async function onPaper(window) {
  const { page } = window;
  await page.goto(`${window.base}/#/calendar/week/${day()}`);
  await page.locator(".days").waitFor();
  await page.emulateMedia({ media: "print" });
  for (const other of ["aside", "nav", ".toasts", "header .button"]) {
    window.expect(`${other} is not printed`, await page.locator(other).locator("visible=true").count() === 0);
  }
  window.expect("the week is printed", await page.locator(".days .hours span").last().isVisible());
  await page.screenshot({ path: `${pictures}/${window.name.replaceAll(" ", "-")}-paper.png`, fullPage: true });
  await page.emulateMedia({ media: null });
}

/** A calendar goes with its events, and comes back when that is undone. */
async function removeCalendar(window) {
  const { page } = window;
  const row = page.locator("aside li", { hasText: named(window) });
  await choose(window, named(window), "trash-2");
  await row.waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: named(window) }).last().locator("button:not(.close)").click();
  await row.waitFor({ state: "attached" });
  await choose(window, named(window), "trash-2");
  await row.waitFor({ state: "detached" });
  await leave(page);
  await gone(page, `Atelier ${window.name}`);
}

/** A week of 300 events: how long the browser takes from the answer to the picture is told, and holds nothing. */
async function many(window) {
  isMeasured = true;
  const { page } = window;
  // The Monday of a week in which there is nothing else.
  const monday = day(28 - ((new Date(`${day(28)}T12:00:00`).getDay() + 6) % 7));
  const made = await page.evaluate(async ([count, monday]) => {
    const session = await (await fetch("/jmap/session")).json();
    const accountId = session.primaryAccounts["urn:ietf:params:jmap:calendars"];
    const call = async (method, args) => {
      const body = JSON.stringify({ using: Object.keys(session.capabilities), methodCalls: [[method, { accountId, ...args }, "c"]] });
      return (await (await fetch(new URL(session.apiUrl).pathname, { method: "POST", headers: { "content-type": "application/json" }, body })).json()).methodResponses[0][1];
    };
    const calendar = (await call("Calendar/set", { create: { c: { name: "Beaucoup" } } })).created.c.id;
    const create = {};
    for (let at = 0; at < count; at++) {
      const start = new Date(`${monday}T08:00:00`);
      start.setDate(start.getDate() + (at % 7));
      start.setMinutes(start.getMinutes() + 15 * Math.floor(at / 7));
      const two = (it) => String(it).padStart(2, "0");
      const local = `${start.getFullYear()}-${two(start.getMonth() + 1)}-${two(start.getDate())}T${two(start.getHours())}:${two(start.getMinutes())}:00`;
      create[`e${at}`] = { "@type": "Event", calendarIds: { [calendar]: true }, title: `Cours ${at}`, start: local, duration: "PT45M", timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    }
    const { created } = await call("CalendarEvent/set", { create });
    return Object.keys(created ?? {}).length;
  }, [MANY, monday]);
  window.expect(`${made} of ${MANY} events are made`, made === MANY);
  for (let time = 0; time < 3; time++) {
    await page.goto(`${window.base}/basic`);
    await page.goto(`${window.base}/#/calendar/week/${monday}`);
    await page.waitForFunction((count) => document.querySelectorAll(".day .time").length >= count * 0.7 && performance.getEntriesByName("calendar-painted").length > 0, MANY);
    const took = await page.evaluate(() => performance.getEntriesByName("calendar-painted").at(-1).duration);
    console.log(`a week of ${await page.locator(".day .time").count()} events: painted ${Math.round(took)} ms after the answer`);
  }
  await window.check("many");
  await choose(window, "Beaucoup", "trash-2");
  await leave(page);
  await gone(page, "Cours 299");
}
