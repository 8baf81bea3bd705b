// PDFs in the office: in two languages, of which one is written from right to left, and two sizes. What is drawn is drawn near what is in
// sight only; text can be selected and found; links lead out or within; a large one is read in pieces; those that cannot be shown are told
// kindly; hostile ones run nothing and ask nobody.
//
// node office_pdf.mjs CERTIFICATES PORT SHOTS LOGIN: as office.mjs.

import { launch } from "./chromium.mjs";
import { OfficeWindow } from "./office_window.mjs";

const [certificates, port, shots, login] = process.argv.slice(2);
const BASE = `https://garonne.localhost:${port}`;
/** Pages that may be drawn at once: of the sight, and of one before and after it. */
const MOST_DRAWN = 12;
const icon = (name) => `button:has(use[href$='#${name}'])`;

/** A window, and what it has fetched of files. */
async function opened(browser, language, viewport) {
  const window = await OfficeWindow.open(browser, { base: BASE, language, viewport, shots });
  const { page } = window;
  window.fetched = [];
  window.scripts = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/dav/") && response.request().method() === "GET") window.fetched.push(response);
    if (pathname.startsWith("/assets/office/")) window.scripts.push(pathname);
  });
  page.on("dialog", (dialog) => {
    window.faults.push(`${window.name}: a dialog "${dialog.message()}"`);
    void dialog.dismiss();
  });
  // Nobody outside of this machine is asked, not even by a link that is followed.
  await window.context.route("https://example.org/**", (route) => route.fulfill({ contentType: "text/plain", body: "elsewhere" }));
  window.windows = [];
  window.context.on("page", (other) => window.windows.push(other));
  await window.context.addInitScript(() => (globalThis.ran = () => console.error("a script of the PDF has run")));
  await window.signIn(login);
  window.expect("no part of the viewer comes before the first PDF", !window.scripts.some((it) => /Viewer-|\/pdf/.test(it)));
  return window;
}

/** Opens a file of the folder. */
async function look(window, name, wanted = ".pages .page canvas") {
  const { page } = window;
  await page.evaluate((hash) => (location.hash = hash), `#/files/at/${login}/PDF`);
  const row = page.locator("[role=option]", { hasText: name });
  await row.waitFor();
  await (window.viewport.width < 760 ? row.click() : row.dblclick());
  await page.locator(`dialog ${wanted}`).first().waitFor();
  forgive(window);
}

/** Answers that are tried here, which the browser logs: small pictures of files that are none, and octets of a file that has none. */
function forgive(window) {
  const isTried = (it) => /status of 4(15|22) .*\/preview\?|status of 416 .*empty\.pdf/.test(it);
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !isTried(it)));
}

async function close(window) {
  await window.page.locator(`dialog .top ${icon("x")}`).click();
  await window.page.locator("dialog").waitFor({ state: "detached" });
}

const drawn = (page) => page.locator("dialog .pages canvas").count();

/** Whether a page is in sight. */
const isSeen = (page, number) => page.locator(`dialog [data-page='${number}']`).evaluate((it) => {
  const [own, box] = [it.getBoundingClientRect(), it.closest(".pages").getBoundingClientRect()];
  return own.top < box.bottom && own.bottom > box.top;
});

async function until(what, window, right) {
  for (const late = Date.now() + 10_000; Date.now() < late; await window.page.evaluate(() => new Promise(requestAnimationFrame))) {
    if (await right()) return;
  }
  window.expect(what, false);
}

async function reads(window) {
  const { page } = window;
  const first = page.locator("dialog [data-page='1']");
  await look(window, "Règlement.pdf");
  await first.locator(".text span", { hasText: "Article 1" }).waitFor();
  await first.locator("a").waitFor();
  await window.check("pdf");
  window.expect(`of ${await page.locator("dialog .place").count()} pages ${await drawn(page)} are drawn`, await page.locator("dialog .place").count() === 60 && (await drawn(page)) <= MOST_DRAWN);
  const fits = await first.evaluate((it) => it.getBoundingClientRect().width / it.closest(".pages").clientWidth);
  window.expect(`the width is used: ${fits}`, fits > 0.85 && fits <= 1);
  const isInk = await first.locator("canvas").evaluate((canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((it, at) => at % 4 === 0 && it < 80));
  window.expect("something is drawn", isInk);
  // The letters of the text lie where they are drawn.
  const selected = await first.locator(".text span", { hasText: "universit" }).first().evaluate((it) => {
    getSelection().selectAllChildren(it);
    return [getSelection().toString(), it.getBoundingClientRect().width / it.closest(".page").getBoundingClientRect().width];
  });
  window.expect(`text is selected: ${selected}`, selected[0] === "Le site de l'université" && selected[1] > 0.2 && selected[1] < 0.3);
  const link = await first.locator("a").evaluate((it) => [it.href, it.target, it.rel, it.getAttribute("aria-label")]);
  const [other] = await Promise.all([window.context.waitForEvent("page"), first.locator("a").click({ position: { x: 40, y: 5 } })]);
  await other.waitForURL("https://example.org/");
  window.expect("where one comes from is not told", (await other.evaluate(() => [window.opener, document.referrer])).join() === ",");
  await other.close();
  window.windows.length = 0;
  window.expect(`a link leads out: ${link}`, link[0] === "https://example.org/" && link[1] === "_blank" && link[2].includes("noopener") && link[3].includes(link[0]));
  await first.locator("button").click();
  await until("a link within leads to its page", window, () => isSeen(page, 40));
  await until("its number is told", window, async () => (await page.locator("dialog input.number").inputValue()) === "40");
  await page.locator("dialog [data-page='40'] canvas").waitFor();
  await until(`${await drawn(page)} pages are kept`, window, async () => (await drawn(page)) <= MOST_DRAWN);
  window.expect("the first is kept no more", await first.locator("canvas").count() === 0);
  await window.check("pdf page 40");
  // By number, by steps, by keys.
  await page.fill("dialog input.number", "60");
  await page.press("dialog input.number", "Enter");
  await page.locator("dialog [data-page='60'] canvas").waitFor();
  await page.locator("dialog [data-page='60'] .text span", { hasText: "日本語" }).waitFor();
  // A phone has no room for these.
  if (window.viewport.width > 760) {
    await page.locator(`dialog ${icon("arrow-up")}`).click();
    await until("the page before", window, () => isSeen(page, 59));
  }
  await page.locator("dialog .pages").focus();
  await page.keyboard.press("Home");
  await until("to the beginning by a key", window, () => isSeen(page, 1));
  await zooms(window);
  await finds(window);
  await close(window);
}

async function zooms(window) {
  const { page } = window;
  const first = page.locator("dialog [data-page='1']");
  const width = () => first.evaluate((it) => it.getBoundingClientRect().width);
  const before = await width();
  await page.keyboard.press("+");
  await until("larger by a key", window, async () => (await width()) > before);
  await page.selectOption("dialog .tools select", "2");
  await until("twice as large", window, async () => Math.abs((await width()) - 595 * 2 * (96 / 72)) < 2);
  await first.locator("canvas").waitFor();
  await until("drawn as sharp", window, async () => (await first.locator("canvas").evaluate((it) => it.width)) > 1500);
  await window.check("pdf zoomed");
  await page.selectOption("dialog .tools select", "");
  await until("as wide as the window again", window, async () => Math.abs((await width()) - before) < 2);
}

async function finds(window) {
  const { page } = window;
  await page.locator("dialog .pages").focus();
  await page.keyboard.press("Control+f");
  window.expect("Ctrl+F leads to the search", await page.evaluate(() => document.activeElement.type === "search"));
  await page.keyboard.type("bibliotheque");
  await until("the first is found", window, () => isSeen(page, 3));
  const told = page.locator("dialog [role=status]");
  await until(`both are found: ${await told.textContent()}`, window, async () => /[1١].*[2٢]/.test(await told.textContent()));
  const marked = () => page.evaluate(() => [...CSS.highlights.get("pdf-current")].map(String).join());
  await until(`it is marked: ${await marked()}`, window, async () => (await marked()) === "Bibliothèque");
  await window.check("pdf found");
  await page.keyboard.press("Enter");
  await until("the next is far away", window, () => isSeen(page, 58));
  await until("and marked", window, async () => (await marked()) === "Bibliothèque");
  await page.keyboard.press("Enter");
  await until("and again the first", window, () => isSeen(page, 3));
  await page.fill("dialog input[type=search]", "zzz");
  await until("nothing", window, async () => !/\d|[٠-٩]/.test(await told.textContent()) && (await told.textContent()) !== "");
}

async function others(window) {
  const { page } = window;
  window.fetched.length = 0;
  await look(window, "large.pdf");
  await page.locator("dialog .text span", { hasText: "Behind 200 MB" }).waitFor();
  const sizes = await Promise.all(window.fetched.map(async (it) => [it.status(), Number(await it.headerValue("content-length"))]));
  const sum = sizes.reduce((sum, [, size]) => sum + size, 0);
  window.expect(`200 MB are read in pieces: ${JSON.stringify(sizes)}`, sizes.length > 1 && sizes.every(([status]) => status === 206) && sum < 2_000_000);
  await close(window);
  await look(window, "scan.pdf");
  const ink = await page.locator("dialog canvas").evaluate((it) => [...it.getContext("2d").getImageData(it.width / 2, it.height / 2, 1, 1).data]);
  window.expect(`a scan is black: ${ink}`, ink.join() === "0,0,0,255");
  await window.check("pdf scan");
  await close(window);
  for (const name of ["locked.pdf", "broken.pdf", "empty.pdf"]) {
    await look(window, name, "[role=alert]");
    await window.check(`pdf ${name.split(".")[0]}`);
    await close(window);
  }
}

async function suffers(window) {
  const { page } = window;
  await look(window, "hostile.pdf", ".pages .page canvas");
  await page.locator("dialog .text span", { hasText: "Hostile" }).first().waitFor();
  // Everything that can be met: by the pointer where a link or a field is drawn, by keys, by a look at the page again.
  const box = await page.locator("dialog [data-page='1']").boundingBox();
  for (const y of [715, 675, 635, 595, 555, 515, 475, 435, 320, 260]) {
    await page.locator("dialog .pages").evaluate((it, part) => (it.scrollTop = part * it.scrollHeight - it.clientHeight / 2), (842 - y) / 842);
    const now = await page.locator("dialog [data-page='1']").boundingBox();
    await page.mouse.click(now.x + (150 / 595) * box.width, now.y + ((842 - y) / 842) * box.height);
    await page.keyboard.type("1");
  }
  const links = await page.locator("dialog .page :is(a, button, input, textarea, iframe, script, form, object, embed)").evaluateAll((all) => all.map((it) => it.outerHTML));
  window.expect(`it has no links: ${links}`, links.length === 0);
  // One whose server never answers is not told of: that server says itself whether it was asked.
  window.expect(`it opens no window: ${window.windows.map((it) => it.url())}`, window.windows.length === 0);
  window.expect("its text is text", (await page.locator("dialog .text").first().textContent()).includes("<script>"));
  await window.check("pdf hostile");
  window.expect("no engine for scripts is fetched", !window.scripts.some((it) => /sandbox|quickjs|\.wasm$/.test(it)));
  await close(window);
}

async function attached(window) {
  const { page } = window;
  await page.evaluate(() => (location.hash = "#/mail"));
  await page.locator("[role=option]", { hasText: "reglement" }).first().click();
  await page.locator(`section li ${icon("eye")}`).click();
  await page.locator("dialog [data-page='1'] canvas").waitFor();
  await page.locator("dialog [data-page='1'] .text span", { hasText: "Article 1" }).waitFor();
  await window.check("pdf attached");
  window.expect("it can be downloaded", (await page.locator("dialog .foot a[download]").getAttribute("download")) === "reglement.pdf");
  await close(window);
}

const browser = await launch(certificates, ["garonne"]);
const faults = [];
try {
  for (const language of ["fr-FR", "ar"]) {
    for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      const window = await opened(browser, language, viewport);
      try {
        await reads(window);
        await others(window);
        await suffers(window);
        await attached(window);
      } catch (error) {
        await window.page.screenshot({ path: `${shots}/failed-pdf-${window.name}.png` });
        window.faults.push(`${window.name}: ${error.stack}`);
      }
      forgive(window);
      faults.push(...window.faults, ...window.complaints.map((it) => `${window.name}: ${it}`));
      await window.context.close();
    }
  }
  // Dark, once.
  const window = await opened(browser, "en-GB", { width: 1440, height: 900 });
  await window.page.emulateMedia({ colorScheme: "dark" });
  await look(window, "Règlement.pdf");
  await window.page.locator("dialog [data-page='1'] a").waitFor();
  await window.check("pdf dark");
  faults.push(...window.faults);
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
