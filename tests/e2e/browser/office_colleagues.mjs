// When colleagues have no time, in the office: found and shown beside one's own week, switched off and on, kept, and no more told than when.
//
// node office_colleagues.mjs CERTIFICATES PORT SHOTS OWNER COLLEAGUE SHARES: as office.mjs; somebody of the institution, and somebody who shares
// when they are busy.

import { aside, close } from "./office_aside.mjs";
import { base, given, round } from "./office_round.mjs";

const [owner, colleague] = given;
const DAY = "2027-03-10";

await round(async (window) => {
  const { page } = window;
  const isPhone = window.viewport.width < 760;
  await window.signIn(owner);
  await page.goto(`${base}/#/calendar/week/${DAY}`);
  await page.locator(".days").waitFor();
  await aside(window);
  window.expect("whose busy times alone are shared is no calendar", await page.locator("aside li").count() === 1);
  await page.locator("aside .show").click();
  const dialog = page.locator("dialog");
  await dialog.locator(".offered button").waitFor();
  await window.check("find a colleague");
  await dialog.locator(".offered button").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("aside .show").click();
  await dialog.locator("[role=combobox]").pressSequentially(colleague);
  await dialog.locator("[role=option]").first().waitFor();
  const asked = [];
  page.on("request", (request) => (request.postData() ?? "").includes("getAvailability") && asked.push(JSON.parse(request.postData()).methodCalls.length));
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await close(window);
  const blocks = page.locator(".lanes [role=img]");
  await blocks.nth(1).waitFor();
  window.expect(`of all it is asked at once: ${asked}`, asked.length === 1 && asked[0] === 2);
  const said = await blocks.evaluateAll((all) => all.map((it) => it.getAttribute("aria-label")));
  window.expect(`it is said who and when: ${said}`, said.length === 2 && said.every((it) => /\d|[٠-٩]/.test(it)) && !said.join().includes("Secret") && !said.join().includes("Confidence"));
  const [one, other] = [await blocks.nth(0).boundingBox(), await page.locator(".time").first().boundingBox()];
  window.expect("nothing of one's own is hidden by it", other.x + other.width <= one.x + 1 || one.x + one.width <= other.x + 1);
  await blocks.first().evaluate((it) => it.scrollIntoView({ block: "center" }));
  await window.check("colleagues week");
  await page.goto(`${base}/#/calendar/day/${DAY}`);
  await blocks.nth(1).waitFor();
  await window.check("colleagues day");
  await page.goto(`${base}/#/calendar/month/${DAY}`);
  const lines = page.locator(`[data-day="${DAY}"] .line`);
  await lines.nth(1).waitFor();
  window.expect("on other days there is nothing", await page.locator(".line").count() === 2);
  await window.check("colleagues month");
  await aside(window);
  const box = page.locator("aside [name=colleague]");
  await box.first().uncheck();
  await lines.nth(1).waitFor({ state: "detached" });
  await close(window);
  // It is kept.
  await page.reload();
  await lines.first().waitFor();
  await aside(window);
  window.expect("who was switched off stays off", !(await box.first().isChecked()) && await box.nth(1).isChecked() && await lines.count() === 1);
  if (!isPhone) {
    await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
    await page.goto(`${base}/#/calendar/week/${DAY}`);
    await blocks.first().waitFor();
    await window.check("colleagues dark");
    await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
  }
  for (const left of [1, 0]) {
    await page.locator("aside section li .square").first().click();
    await box.nth(left).waitFor({ state: "detached" });
  }
  await blocks.first().waitFor({ state: "detached" });
  await page.locator("aside .show").waitFor();
});
