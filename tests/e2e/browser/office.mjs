// Mail in the office, in French and in Arabic, on a desk and on a phone: read, filed, undone, searched, written, sent.
//
// node office.mjs CERTIFICATES PORT SHOTS LOGIN: the folder of the hosts' certificates, the gateway's HTTPS port, where pictures go,
// and who reads.

import { discard, given, round } from "./office_round.mjs";

const [login] = given;

await round(visit);

async function visit(window) {
  const { page } = window;
  const isPhone = window.viewport.width < 760;
  const option = (text) => page.locator("[role=option]", { hasText: text }).first();
  await window.signIn(login);
  window.expect("the language is the reader's", (await window.evaluate("document.documentElement.lang")) === window.language.slice(0, 2));
  window.expect("the rows in the page are bounded", (await page.locator("[role=option]").count()) < 40);
  await window.check("inbox");

  // A conversation shows what one has sent.
  await option("Projet commun").click();
  const messages = page.locator("article");
  await messages.nth(2).waitFor();
  window.expect("the conversation has what was sent", (await messages.count()) === 3);
  await page.locator("article .text").first().waitFor();
  await window.check("conversation");
  if (isPhone) await page.goBack();

  // HTML in its frame, its picture by Content-ID, the one of elsewhere not fetched.
  await option("Horaires").click();
  const frame = page.frameLocator("iframe[src='/message-frame']");
  await frame.locator("h1", { hasText: "Horaires" }).waitFor();
  await frame.locator("img[src^='blob:']").waitFor();
  window.expect("the picture of elsewhere is told", await page.locator(".blocked").isVisible());
  window.expect("nothing is offered that is not there", (await page.locator(".blocked button").count()) === 0);
  window.expect("the file is offered", await page.locator("a[download]").isVisible());
  await window.check("html message");
  if (isPhone) await page.goBack();

  if (isPhone) {
    await page.locator(".menu-button").click();
    await page.locator("aside.drawer").waitFor();
    await window.check("mailboxes");
    await page.keyboard.press("Escape");
    await page.locator("aside.drawer").waitFor({ state: "detached" });
  } else {
    await keys(window);
  }

  // A search by operators.
  await page.fill("#search", 'from:amina subject:"Jury de thèse"');
  await page.press("#search", "Enter");
  await option("Jury").waitFor();
  await page.locator("[role=option]", { hasText: "Salle" }).waitFor({ state: "detached" });
  await window.check("search");
  await write(window);
  await sessionEnds(window);
}

/** By keys alone: along the list, away and back, a mailbox by its menu, the help. */
async function keys(window) {
  const { page } = window;
  const count = async () => Number(await page.locator("[role=option]").first().getAttribute("aria-setsize"));
  await page.locator("[role=listbox]").focus();
  const before = await count();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.locator("article").first().waitFor();
  await page.keyboard.press("e");
  await page.waitForFunction((all) => Number(document.querySelector("[role=option]").getAttribute("aria-setsize")) === all - 1, before);
  await page.locator(".toast button").first().waitFor();
  await page.keyboard.press("z");
  await page.waitForFunction((all) => Number(document.querySelector("[role=option]").getAttribute("aria-setsize")) === all, before);
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.locator(".box.chosen").nth(1).waitFor();
  await page.keyboard.press("v");
  await page.locator("[role=menu]:popover-open").waitFor();
  await window.check("move menu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.locator("dialog[open]").waitFor();
  await window.check("keys");
  await page.keyboard.press("Escape");
  await page.locator(".bar button", { has: page.locator("use[href$='#x']") }).click();
}

/** A message with a file: kept as a draft, taken back, sent, and there. */
async function write(window) {
  const { page } = window;
  const subject = `Essai ${window.name} ${Date.now()}`;
  await page.goto(`${window.base}/#/mail`);
  await page.locator("[role=option] .who").first().waitFor();
  await page.locator("button:visible", { has: page.locator("use[href$='#pencil']") }).first().click();
  const compose = page.locator("div.compose");
  await compose.waitFor();
  await page.keyboard.type(`${login}@a.test,`);
  await compose.locator(".chip").waitFor();
  await compose.locator("input[maxlength='900']").fill(subject);
  await compose.locator("[role=textbox]").click();
  await page.keyboard.type("Bonjour, voici le plan.");
  await compose.locator("input[type=file]").setInputFiles({ name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("plan") });
  await compose.locator("li", { hasText: "plan.txt" }).waitFor();
  await compose.locator("progress").waitFor({ state: "detached" });
  await compose.locator(".state:not(:empty)").waitFor();
  await window.check("compose");
  await compose.locator(".foot .primary").click();
  await page.locator(".toast button").first().waitFor();
  await compose.waitFor({ state: "hidden" });
  await page.locator(".toast button").first().click();
  await compose.locator(".foot .primary").waitFor();
  await compose.locator(".foot .primary").click();
  const received = page.locator("[role=option]", { hasText: subject }).first();
  await received.waitFor({ timeout: 40_000 });
  await window.check("sent and received");
  await received.click();
  await page.frameLocator("iframe[src='/message-frame']").first().getByText("Bonjour, voici le plan.").waitFor();
  await page.locator("a[download='plan.txt']").first().waitFor();
  await answer(window);
}

/** An answer quotes, goes to who wrote, and can be thrown away. */
async function answer(window) {
  const { page } = window;
  await page.locator(".tools button", { has: page.locator("use[href$='#reply']") }).first().click();
  const compose = page.locator("div.compose");
  await compose.locator("blockquote", { hasText: "voici le plan" }).waitFor();
  window.expect("it goes to who wrote", (await compose.locator(".chip").count()) === 1);
  window.expect("it is an answer", (await compose.locator("input[maxlength='900']").inputValue()).startsWith("Re: "));
  await window.check("answer");
  await discard(page);
}

/** The session ends while one writes: it is told, one signs in again elsewhere, and what was typed is still there. */
async function sessionEnds(window) {
  const { page, context } = window;
  await page.goto(`${window.base}/#/mail`);
  await page.locator("[role=option] .who").first().waitFor();
  await page.locator("button:visible", { has: page.locator("use[href$='#pencil']") }).first().click();
  const text = page.locator("div.compose [role=textbox]");
  await text.click();
  await page.keyboard.type("Ceci ne se perd pas.");
  // The draft is kept a moment later: that is refused.
  await context.clearCookies();
  const dialog = page.locator("dialog[open]");
  await dialog.waitFor();
  // The browser logs the status too, which is what is tried here.
  window.complaints.splice(0, Infinity, ...window.complaints.filter((it) => !it.includes("status of 401")));
  await window.check("session ended");
  const elsewhere = await context.newPage();
  await elsewhere.goto(`${window.base}/login?next=%2Fbasic`);
  await elsewhere.fill("#login", login);
  await elsewhere.fill("#password", `pw-${login}`);
  await elsewhere.press("#password", "Enter");
  await elsewhere.waitForURL((url) => url.pathname === "/basic");
  await elsewhere.close();
  await dialog.locator("button").first().click();
  await dialog.waitFor({ state: "detached" });
  window.expect("what was typed is there", (await text.innerText()).includes("Ceci ne se perd pas."));
}
