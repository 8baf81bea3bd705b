// Reminders in the office: what another program has written rings in any module, is reached by keys, is put off and rings again, is done with,
// and is done with for other programs too; what they have done with rings no more; a series rings again at its next time; a task; the settings.
//
// node office_alarms.mjs CERTIFICATES PORT SHOTS OWNER: as office.mjs.

import { base, given, round } from "./office_round.mjs";

const [owner] = given;
const MINUTE = 60_000;
/** Until what was written has been told, asked for and shown, in milliseconds. */
const PATIENCE = 25_000;

await round(async (window) => {
  const { page } = window;
  const asked = [];
  page.on("request", (request) => (request.postData() ?? "").includes('"alerts"') && asked.push(request.url()));
  await window.signIn(owner);
  window.expect("at the start nothing is asked", asked.length === 0);
  await page.clock.install();
  await page.goto(`${base}/#/settings/notifications`);
  await page.reload();
  await page.locator("[name=alarms]").waitFor();
  const name = window.name.replaceAll(" ", "-");
  await once(window, `jury-${name}`);
  await series(window, `cours-${name}`);
  await elsewhere(window, `bureau-${name}`);
  await task(window, `note-${name}`);
  await settings(window, `oral-${name}`);
});

function ring(page, title) {
  return page.locator("article", { has: page.getByText(title, { exact: true }) });
}

function gone(page, title) {
  return ring(page, title).waitFor({ state: "detached", timeout: PATIENCE });
}

/** A moment so many minutes from now, as iCalendar has it. */
function utc(minutes) {
  return new Date(Date.now() + minutes * MINUTE).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Another program writes. */
async function put(window, uid, lines, kind = "VEVENT", alarm = []) {
  const text = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//other//EN", `BEGIN:${kind}`, `UID:${uid}`, "DTSTAMP:20261101T080000Z", ...lines,
    "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT15M", ...alarm, "END:VALARM", `END:${kind}`, "END:VCALENDAR", "",
  ].join("\r\n");
  const status = await window.page.evaluate(([item, body]) => fetch(item, { method: "PUT", body, headers: { "content-type": "text/calendar" } }).then((it) => it.status), [`/dav/calendars/${owner}/service/${uid}.ics`, text]);
  window.expect(`it is written: ${status}`, status === 201 || status === 204);
}

/** What another program reads, once it says that. */
function reads(window, uid, what) {
  return window.page.evaluate(async ([item, what]) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const text = (await (await fetch(item)).text()).replace(/\r?\n /g, "");
      if (text.includes(what)) return text;
    }
    throw new Error(`it does not say ${what}`);
  }, [`/dav/calendars/${owner}/service/${uid}.ics`, what]);
}

async function later(window, title, at) {
  const { page } = window;
  await ring(page, title).locator(".later").click();
  await page.locator("[role=menu]:popover-open [role=menuitem]").nth(at).click();
}

/** Reached by keys, put off for five minutes, back then, and done with: after a reload and in another window too. */
async function once(window, title) {
  const { page } = window;
  await put(window, title, [`DTSTART:${utc(12)}`, "DURATION:PT1H", `SUMMARY:${title}`, "LOCATION:Amphi 1"]);
  await ring(page, title).waitFor({ timeout: PATIENCE });
  await window.check("alarm");
  window.expect("it is read out", (await page.locator("p[aria-live]").allInnerTexts()).some((it) => it.includes(title)));
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  window.expect("it is reached by keys", await page.evaluate(() => document.activeElement?.closest("article") !== null));
  await ring(page, title).locator(".later").click();
  window.expect("it can be put off until it begins", await page.locator("[role=menu]:popover-open [role=menuitem]").count() === 4);
  await window.check("alarm later");
  await page.keyboard.press("Escape");
  await later(window, title, 0);
  await gone(page, title);
  const text = await reads(window, title, "ACKNOWLEDGED:");
  window.expect("nothing else of it has changed", text.includes("TRIGGER:-PT15M") && text.includes("DESCRIPTION:x"));
  window.expect("no title is kept by the browser", !(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).includes(title));
  await page.clock.fastForward(5 * MINUTE + 1000);
  await ring(page, title).waitFor();
  await ring(page, title).locator(".done").click();
  await gone(page, title);
  const asks = page.waitForResponse((it) => (it.request().postData() ?? "").includes('"alerts"'), { timeout: PATIENCE });
  await page.reload();
  await page.clock.fastForward(5000);
  await (await asks).finished();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  window.expect("what is done with rings no more", await ring(page, title).count() === 0);
}

/** One time of several: the whole says that it was seen, and has no exception for it. */
async function series(window, title) {
  const { page } = window;
  await put(window, title, [`DTSTART:${utc(10 - 1440)}`, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=5", `SUMMARY:${title}`]);
  await ring(page, title).waitFor({ timeout: PATIENCE });
  await ring(page, title).locator(".done").click();
  await gone(page, title);
  const text = await reads(window, title, "ACKNOWLEDGED:");
  window.expect("there is no exception for it", !text.includes("RECURRENCE-ID"));
}

/** What another program has done with rings no more here. */
async function elsewhere(window, title) {
  const { page } = window;
  const lines = [`DTSTART:${utc(10)}`, "DURATION:PT1H", `SUMMARY:${title}`];
  await put(window, title, lines);
  await ring(page, title).waitFor({ timeout: PATIENCE });
  await put(window, title, lines, "VEVENT", [`ACKNOWLEDGED:${utc(1)}`]);
  await gone(page, title);
}

async function task(window, title) {
  const { page } = window;
  await put(window, title, [`DTSTART:${utc(0)}`, `DUE:${utc(30)}`, `SUMMARY:${title}`], "VTODO");
  await ring(page, title).waitFor({ timeout: PATIENCE });
  await ring(page, title).locator(".done").click();
  await gone(page, title);
  await reads(window, title, "ACKNOWLEDGED:");
}

/** Switched off there is none, and on again it is there; by the browser only where that was chosen. */
async function settings(window, title) {
  const { page } = window;
  await window.context.grantPermissions(["notifications"]);
  await page.evaluate(() => {
    globalThis.told = [];
    ServiceWorkerRegistration.prototype.showNotification = async (title) => void globalThis.told.push(title);
    globalThis.Notification = Object.assign(function (title) { globalThis.told.push(title); }, { permission: "granted", requestPermission: async () => "granted" });
  });
  await page.locator("[name=alarms-told]").check();
  await put(window, title, [`DTSTART:${utc(8)}`, "DURATION:PT1H", `SUMMARY:${title}`]);
  await ring(page, title).waitFor({ timeout: PATIENCE });
  await page.waitForFunction((title) => globalThis.told.includes(title), title);
  await window.check("alarm settings");
  if (window.viewport.width > 760) {
    await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
    await window.check("alarm dark");
    await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
  }
  await page.locator("[name=alarms]").uncheck();
  await gone(page, title);
  await page.locator("[name=alarms]").check();
  await page.clock.fastForward(5000);
  await ring(page, title).waitFor({ timeout: PATIENCE });
  await ring(page, title).locator(".done").click();
  await gone(page, title);
  await reads(window, title, "ACKNOWLEDGED:");
}
