// A calendar from elsewhere in the office: its address is typed, a wrong one is told where it was typed, its events are seen and cannot be
// written, its name and colour are one's own, and it is given up. In French and in Arabic, on a desk and on a phone, by keys.

import { given, round } from "./office_round.mjs";

const [owner, address, wrong] = given;
const item = (page, icon) => page.locator(`[role=menu]:popover-open [role=menuitem]:has(use[href$='#${icon}'])`);

await round(async (window) => {
  const { page } = window;
  const name = `Cours ${window.name}`;
  await window.signIn(owner);
  await page.goto(`${window.base}/#/calendar`);
  await page.locator(".calendar").waitFor();
  await aside(window);

  // By keys alone.
  const add = page.locator("aside button.plain:has(use[href$='#globe'])").last();
  await add.focus();
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog");
  await dialog.locator("[name=address]").waitFor();
  await window.check("follow");
  await page.emulateMedia({ colorScheme: "dark" });
  await window.check("follow dark");
  await page.emulateMedia({ colorScheme: "light" });
  await dialog.locator("[name=address]").focus();
  await page.keyboard.type(wrong);
  await page.keyboard.press("Enter");
  await dialog.locator("[role=alert]").waitFor();
  // That it is refused the console says as well.
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !it.includes("status of 422")));
  await window.check("follow wrong");
  const described = await dialog.locator("[name=address]").getAttribute("aria-invalid");
  window.expect("what is wrong is told where it is", described === "true");
  await dialog.locator("[name=address]").fill(address);
  await dialog.locator("[name=called]").fill(name);
  await dialog.locator(".primary").click();
  await dialog.waitFor({ state: "detached" });

  await aside(window);
  const row = page.locator("aside li", { hasText: name });
  await row.locator(".from use[href$='#globe']").waitFor();
  window.expect("it says from where", (await row.locator(".from").innerText()).includes("127.0.0.1"));
  await window.check("followed");
  await page.emulateMedia({ colorScheme: "dark" });
  await window.check("followed dark");
  await page.emulateMedia({ colorScheme: "light" });

  await row.locator("[aria-haspopup=menu]").click();
  await item(page, "pencil").waitFor();
  for (const icon of ["share-2", "upload"]) window.expect(`nobody can ${icon} it`, (await item(page, icon).count()) === 0);
  await item(page, "pencil").click();
  await dialog.locator("[name=busy]").waitFor();
  await window.check("followed form");
  await dialog.locator("[name=called]").fill(`${name} bis`);
  await dialog.locator("[name=busy]").check();
  await dialog.locator(".primary").click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("aside li", { hasText: `${name} bis` }).waitFor();

  await close(window);
  const event = page.locator("section button", { has: page.locator("bdi", { hasText: "Algèbre linéaire" }) }).first();
  await event.waitFor();
  await window.check("followed events");
  await event.click();
  await dialog.locator("[name=title]").waitFor();
  window.expect("its events cannot be written", (await dialog.locator("button[type=submit], .danger").count()) === 0 && (await dialog.locator("[name=title]").isDisabled()));
  await window.check("followed event");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await aside(window);
  const again = page.locator("aside li", { hasText: `${name} bis` });
  await again.locator("[aria-haspopup=menu]").click();
  await item(page, "trash-2").click();
  await again.waitFor({ state: "detached" });
  // Who leaves has decided.
  await page.goto(`${window.base}/basic`);
  await page.goto(`${window.base}/#/calendar`);
  await page.locator(".calendar").waitFor();
  for (let tries = 0; ; tries += 1) {
    const { calendars } = await page.evaluate(() => fetch("/api/calendars/elsewhere").then((it) => it.json()));
    if (calendars.length === 0) break;
    if (tries > 100) throw new Error("it is followed still");
  }
});

/** Opens the drawer, where the calendars are in one. */
async function aside(window) {
  const { page } = window;
  if (!(await page.locator("aside").isVisible())) await page.locator(".places").click();
  await page.locator("aside .new").waitFor();
}

async function close(window) {
  if (window.viewport.width < 760 && (await window.page.locator("aside").isVisible())) {
    await window.page.locator("aside .new").focus();
    await window.page.keyboard.press("Escape");
    await window.page.locator("aside").waitFor({ state: "hidden" });
  }
}
