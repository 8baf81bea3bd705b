// What visitors of tasks and of notes do in the same way: rows by their titles, the collections at the side, and calls as another program
// makes them.

export function isPhone(window) {
  return window.viewport.width < 760;
}

/** What the collection of a round is called. */
export function named(window) {
  return `Thèses ${window.name}`;
}

/** The row of something, by the whole of its title. */
export function row(page, title) {
  return page.locator(".row", { has: page.getByText(title, { exact: true }) }).first();
}

export async function aside(window) {
  const { page } = window;
  if (!(await page.locator("aside").isVisible())) await page.locator(".places").click();
  await page.locator("aside .new").waitFor();
}

/** Chooses from the menu of a collection. */
export async function choose(window, name, icon) {
  const { page } = window;
  await aside(window);
  await page.locator("aside li", { hasText: name }).locator("[aria-haspopup=menu]").click();
  await page.locator(`[role=menu]:popover-open [role=menuitem]:has(use[href$='#${icon}'])`).click();
}

export async function to(window, name) {
  await aside(window);
  await window.page.locator("aside nav a", { hasText: name }).click();
  await window.page.locator("section.list header h2", { hasText: name }).waitFor();
}

/** Makes a collection, gives it another name and colour, and goes to it; `what` is what pictures of that are called. */
export async function collection(window, what) {
  const { page } = window;
  const dialog = page.locator("dialog");
  const first = `Thèse ${window.name}`;
  await aside(window);
  await window.check(`${what}s`);
  await page.locator("aside > .button.plain").click();
  await dialog.locator("[name=called]").fill(first);
  await window.check(`new ${what}`);
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await choose(window, first, "pencil");
  await dialog.locator("[name=called]").fill(named(window));
  await dialog.locator("[name=colour]").fill("#8a1538");
  await dialog.locator(".foot .primary").click();
  await dialog.waitFor({ state: "detached" });
  await to(window, named(window));
  await page.locator("section.list .empty").waitFor();
}

/** Lets a colleague read the round's collection; `what` is what a picture of that is called. */
export async function share(window, colleague, what) {
  const { page } = window;
  const dialog = page.locator("dialog");
  await choose(window, named(window), "share-2");
  await dialog.locator("[role=combobox]").pressSequentially(colleague);
  await dialog.locator("[role=option]").first().waitFor();
  await page.keyboard.press("Enter");
  await dialog.locator("li select").waitFor();
  await window.check(what);
  window.expect("they may read", await dialog.locator("li select").inputValue() === "read");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
}

/** The round's collection goes with what is in it, and comes back when that is undone; `left` tells the collections that there are. */
export async function removeCollection(window, left) {
  const { page } = window;
  const at = page.locator("aside li", { hasText: named(window) });
  await choose(window, named(window), "trash-2");
  await at.waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: named(window) }).last().locator("button:not(.close)").click();
  await at.waitFor({ state: "attached" });
  await choose(window, named(window), "trash-2");
  await at.waitFor({ state: "detached" });
  await page.locator(".toast", { hasText: named(window) }).last().waitFor({ state: "detached", timeout: 30_000 });
  for (let tries = 0; tries < 200; tries += 1) {
    const { list } = await left(page);
    if (list.every((it) => it.name !== named(window))) return;
  }
  throw new Error(`${named(window)} is still there`);
}

/** Calls a method as another program does, of the account that has a capability. */
export function call(page, capability, method, args) {
  return page.evaluate(async ([capability, method, args]) => {
    const session = await (await fetch("/jmap/session")).json();
    const body = JSON.stringify({ using: Object.keys(session.capabilities), methodCalls: [[method, { accountId: session.primaryAccounts[capability], ...args }, "c"]] });
    return (await (await fetch(new URL(session.apiUrl).pathname, { method: "POST", headers: { "content-type": "application/json" }, body })).json()).methodResponses[0][1];
  }, [capability, method, args]);
}

/** Browsers say so themselves of what was broken off. */
export function forgive(window) {
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !it.includes("ERR_FAILED")));
}
