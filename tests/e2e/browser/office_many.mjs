// A mailbox of 100,000 messages, scrolled for some seconds while Chromium traces what its main thread does: as conversations and as
// messages. The rows in the page are bounded, and no task works for long; how long tasks take by the clock is told, since it is the
// machine's too.
//
// node office_many.mjs CERTIFICATES PORT SHOTS LOGIN HOST: as the other visitors; the host of the institution.

import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const [certificates, port, shots, login, host] = process.argv.slice(2);
const ALL = 100_000;
/** A task that one notices, in milliseconds. */
const LONG = 50;
/** One that takes this much of the processor is no accident of the machine. */
const TOO_LONG = 200;
const MOST_ROWS = 60;

const browser = await launch(certificates, [host]);
const faults = [];
for (const [width, height] of [[1440, 900], [390, 844]]) {
  for (const which of ["conversations", "messages"]) {
    const window = await OfficeWindow.open(browser, { base: `https://${host}.localhost:${port}`, language: "fr-FR", viewport: { width, height }, shots });
    try {
      await visit(window, which);
    } catch (error) {
      window.faults.push(`${window.name} ${which}: ${error.stack}`);
    }
    faults.push(...window.faults);
    await window.context.close();
  }
}
await browser.close();
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);

async function visit(window, which) {
  const { page, cdp } = window;
  await page.addInitScript((kept) => localStorage.setItem("office.preferences", kept), JSON.stringify({ conversations: which === "conversations" }));
  await window.signIn(login);
  if (window.viewport.width < 760) await page.locator(".menu-button").click();
  await page.locator("aside a", { hasText: "Grand" }).click();
  await page.locator("section.list h2", { hasText: "Grand" }).waitFor();
  await page.locator("section.list [role=option] .who", { hasText: "Personne" }).first().waitFor();
  const events = [];
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const ended = new Promise((resolve) => cdp.once("Tracing.tracingComplete", resolve));
  await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline"] } });
  const rows = await page.evaluate(scrolled, 6_000);
  await cdp.send("Tracing.end");
  await ended;
  window.expect(`${which}: at most ${MOST_ROWS} rows stand in the page, not ${rows.most}`, rows.most > 5 && rows.most <= MOST_ROWS);
  window.expect(`${which}: it went somewhere: row ${rows.furthest}`, rows.furthest > 100);
  if (which === "messages") window.expect(`all are counted, not ${rows.size}`, rows.size === ALL);
  const tasks = tasksOf(events);
  window.expect("the trace has tasks", tasks.length > 100);
  window.expect(`${which}: no task works for ${TOO_LONG} ms`, tasks.every((it) => it.worked < TOO_LONG));
  window.expect("the trace tells what tasks take of the processor", tasks.some((it) => it.worked > 0));
  const told = ["took", "worked"].map((which) => {
    const all = tasks.map((it) => it[which]);
    return `${which} ${Math.round(Math.max(...all))} ms at most, ${all.filter((it) => it > LONG).length} over ${LONG} ms`;
  });
  console.error(`${window.name} ${which}: ${tasks.length} tasks ${told.join("; ")}; at most ${rows.most} rows; as far as row ${rows.furthest}`);
  await window.check(`many ${which}`);
}

/** Scrolls a screen at a time for so long, frame by frame; then to the very end and back. */
async function scrolled(milliseconds) {
  const list = document.querySelector("[role=listbox]");
  const found = { most: 0, furthest: 0, size: 0 };
  const look = () => {
    const rows = list.querySelectorAll("[role=option]");
    found.most = Math.max(found.most, rows.length);
    const last = rows[rows.length - 1];
    found.furthest = Math.max(found.furthest, Number(last?.getAttribute("aria-posinset") ?? 0));
    found.size = Number(last?.getAttribute("aria-setsize") ?? 0);
  };
  const frame = () => new Promise(requestAnimationFrame);
  for (const end = performance.now() + milliseconds; performance.now() < end; await frame()) {
    list.scrollTop += 120;
    look();
  }
  for (const at of [list.scrollHeight, list.scrollHeight / 2, 0]) {
    list.scrollTop = at;
    for (let count = 0; count < 30; count++) await frame();
    look();
  }
  return found;
}

/** How long each task of the page's main thread took, in milliseconds: by the clock, and of the processor, which other work on the machine
 * does not lengthen. */
function tasksOf(events) {
  const main = events.find((it) => it.name === "thread_name" && it.args?.name === "CrRendererMain");
  const scripts = events.filter((it) => it.name === "FunctionCall" || it.name === "FireAnimationFrame");
  const busy = new Map();
  for (const it of scripts) busy.set(`${it.pid} ${it.tid}`, (busy.get(`${it.pid} ${it.tid}`) ?? 0) + 1);
  const [thread] = [...busy].sort((a, b) => b[1] - a[1])[0] ?? (main ? [`${main.pid} ${main.tid}`] : [""]);
  return events.filter((it) => it.name.endsWith("RunTask") && it.ph === "X" && `${it.pid} ${it.tid}` === thread).map((it) => ({ took: (it.dur ?? 0) / 1000, worked: (it.tdur ?? 0) / 1000 }));
}
