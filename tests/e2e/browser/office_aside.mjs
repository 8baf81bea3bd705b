// The calendars beside what is in them: on a phone they are in a drawer.

/** Opens the drawer, where the calendars are in one. */
export async function aside({ page }) {
  if (!(await page.locator("aside").isVisible())) await page.locator(".places").click();
  await page.locator("aside .new").waitFor();
}

/** Closes it again. */
export async function close({ page, viewport }) {
  if (viewport.width < 760 && await page.locator("aside").isVisible()) {
    await page.locator("aside .new").focus();
    await page.keyboard.press("Escape");
    await page.locator("aside").waitFor({ state: "hidden" });
  }
}
