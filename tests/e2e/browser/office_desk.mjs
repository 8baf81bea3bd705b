// What happens to mail at a desk: what another program brings is there and told, mailboxes of others, drag and keys, spam, the source, a
// print, a forward, a picture that is pasted, a signature.

import { Imap } from "./imap.mjs";
import { discard, given, round } from "./office_round.mjs";

const [login, imapPort] = given;
const PNG = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAJElEQVR42mP4cOchHHWJWsARLnGGQaiBGEXI4oNRw2g8DAoNAGvvwhA0X6f1AAAAAElFTkSuQmCC";
const address = `${login}@a.test`;

await round(async (window) => {
  const other = await Imap.logIn(imapPort, address, `pw-${login}`);
  const { page, context } = window;
  const isPhone = window.viewport.width < 760;
  await context.grantPermissions(["notifications"], { origin: window.base });
  await window.signIn(login);
  await live(window, other, isPhone);
  await moves(window, other, isPhone);
  await others(window, isPhone);
  await read(window, other, isPhone);
  await signature(window);
  await picture(window);
  other.close();
});

function row(page, text) {
  return page.locator("section.list [role=option]", { hasText: text }).first();
}

/** Another program appends and marks: the row is there, and told; nothing of what it says is in a notification that was not asked for. */
async function live(window, other, isPhone) {
  const { page } = window;
  const subject = (text) => `${text} ${window.name}`;
  const message = (text) => `From: Secret Person <secret@b.test>\nTo: ${address}\nSubject: ${subject(text)}\nMessage-ID: <${Date.now()}@b.test>\n\ntext\n`;
  await other.append("INBOX", "", message("Vivant"));
  await row(page, subject("Vivant")).waitFor();
  await page.locator("p.unseen[role=status]:not(:empty)").waitFor({ state: "attached" });
  await page.waitForFunction(() => document.title.startsWith("("));
  window.expect("nobody asked for notifications", (await page.evaluate(async () => (await (await navigator.serviceWorker.getRegistration())?.getNotifications())?.length ?? 0)) === 0);
  // Notifications are the worker's once there is one.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await keepNotifications(page);
  await page.goto(`${window.base}/#/settings/notifications`);
  window.expect("they are off at first", await page.locator("input[name=notify][value=off]").isChecked());
  await page.locator("input[name=notify][value=plain]").check();
  await window.check("notifications");
  // In whichever module: what it says is not told.
  await other.append("INBOX", "", message("Discret"));
  const [plain] = await notified(page, "");
  window.expect(`nothing of the message is in it: ${plain}`, plain !== undefined && !/Secret|secret|Discret/.test(plain));
  await page.locator("input[name=notify][value=full]").check();
  await other.append("INBOX", "", message("Ouvert"));
  const full = await notified(page, "Secret");
  window.expect(`who wrote about what: ${full}`, full.some((it) => it.includes("Secret Person") && it.includes(subject("Ouvert"))));
  await page.locator("input[name=notify][value=off]").check();
  await page.goto(`${window.base}/#/mail`);
  await row(page, subject("Ouvert")).locator(".row.new").waitFor();
  await other.command("SELECT INBOX");
  await other.command(`UID STORE 1:* +FLAGS.SILENT (\\Seen)`);
  await row(page, subject("Ouvert")).locator(".row:not(.new)").waitFor();
  await page.waitForFunction(() => !document.title.startsWith("("));
  if (isPhone) return;
  // Removed there, it is gone here.
  const found = (await other.command(`UID SEARCH SUBJECT "${subject("Discret")}"`)).match(/^\* SEARCH (\d+)/m)[1];
  await other.command(`UID STORE ${found} +FLAGS.SILENT (\\Deleted)`);
  await other.command("EXPUNGE");
  await row(page, subject("Discret")).waitFor({ state: "detached" });
}

/** Keeps what the browser has been given to show. Asked for all that it shows again and again, it forgets what it is about to show. */
function keepNotifications(page) {
  return page.evaluate(() => {
    const { showNotification } = ServiceWorkerRegistration.prototype;
    window.shown = [];
    ServiceWorkerRegistration.prototype.showNotification = async function (title, options) {
      await showNotification.call(this, title, options);
      window.shown.push(`${title} ${options.body}`);
    };
  });
}

/** What the browser shows, once one says this; nothing when none does. */
async function notified(page, words) {
  const said = (text) => window.shown.some((it) => it.includes(text));
  await page.waitForFunction(said, words, { timeout: 20_000 }).catch(() => undefined);
  const shown = await page.evaluate(() => window.shown);
  return shown.some((it) => it.includes(words)) ? shown : [];
}

/** Into a folder by the key v or the menu, by drag, and to the spam; each comes back by undo or from there. */
async function moves(window, other, isPhone) {
  const { page } = window;
  const name = `Range ${window.name}`;
  const message = (text) => `From: a@b.test\nTo: ${address}\nSubject: ${text}\nMessage-ID: <${Date.now()}${Math.random()}@b.test>\n\ntext\n`;
  await other.append("INBOX", "\\Seen", message(name));
  await row(page, name).waitFor();
  await row(page, name).locator(".box").click();
  if (isPhone) await page.locator(".acts [aria-haspopup=menu]", { has: page.locator("use[href$='#folder-input']") }).click();
  else await page.keyboard.press("v");
  await page.locator("[role=menu]:popover-open [role=menuitem]", { hasText: "Dossier" }).click();
  await row(page, name).waitFor({ state: "detached" });
  await page.locator(".toast button").first().click();
  await row(page, name).waitFor();
  if (!isPhone) {
    await row(page, name).dragTo(page.locator("aside a", { hasText: "Dossier" }));
    await row(page, name).waitFor({ state: "detached" });
    await page.locator("aside a", { hasText: "Dossier" }).click();
    await row(page, name).waitFor();
    await window.check("moved by drag");
    await page.locator("aside a").first().click();
    await page.keyboard.press("z");
    await row(page, name).waitFor();
    await row(page, name).locator(".box").click();
    await page.keyboard.press("!");
    await row(page, name).waitFor({ state: "detached" });
    // It is said once the store has done it.
    await page.locator(".toast").first().waitFor();
    await other.command("SELECT Junk");
    const told = await other.command(`UID SEARCH SUBJECT "${name}"`);
    window.expect(`it lies in the spam: ${told}`, /^\* SEARCH \d+/m.test(told));
    await page.keyboard.press("z");
    await row(page, name).waitFor();
  }
  window.expect("nothing was refused", (await page.locator(".toast.failed").count()) === 0);
}

/** What another person has shared. */
async function others(window, isPhone) {
  const { page } = window;
  if (isPhone) await page.locator(".menu-button").click();
  await page.locator("aside h2", { hasText: "u00869" }).waitFor();
  await page.locator("aside a", { hasText: "Bureau" }).click();
  await row(page, "Partagé").waitFor();
  await window.check("mailbox of another");
  await row(page, "Partagé").click();
  await page.locator("article").first().waitFor();
  await page.goto(`${window.base}/#/mail`);
}

/** The source of a message, on paper, and forwarded. */
async function read(window, other, isPhone) {
  const { page } = window;
  const subject = `Avec un plan ${window.name}`;
  await other.append("INBOX", "\\Seen", `From: Ada <u00001@a.test>
To: ${address}
Subject: ${subject}
Message-ID: <plan${Date.now()}@a.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/plain; charset=utf-8

Voici le plan.
--m
Content-Type: text/plain; name=plan.txt
Content-Disposition: attachment; filename=plan.txt

le plan
--m--
`);
  await row(page, subject).click();
  await page.locator("article a[download='plan.txt']").waitFor();
  const item = async (name) => {
    await page.locator("article .acts [aria-haspopup=menu]").last().click();
    await page.locator("[role=menu]:popover-open [role=menuitem]", { has: page.locator(`use[href$='#${name}']`) }).click();
  };
  await item("code");
  const source = page.locator("dialog[open] pre");
  await source.waitFor();
  window.expect("the source is as it came", (await source.innerText()).includes(`Subject: ${subject}`));
  await window.check("source");
  await page.keyboard.press("Escape");

  await page.evaluate(() => {
    window.printed = new Promise((resolve) => {
      const seen = new MutationObserver(() => {
        const frame = document.querySelector("body > iframe[hidden]");
        if (!frame) return;
        seen.disconnect();
        // Before the office's own, so that no dialogue of the browser opens.
        frame.addEventListener("load", () => (frame.contentWindow.print = () => resolve(frame.contentDocument.body.innerText)), { capture: true });
      });
      seen.observe(document.body, { childList: true });
    });
  });
  await item("printer");
  const paper = await page.evaluate(() => window.printed);
  window.expect(`header and text are on paper: ${paper}`, paper.includes(subject) && paper.includes("u00001@a.test") && paper.includes("Voici le plan."));
  // It is never seen on the screen: laid out as a sheet of paper for a picture, and gone.
  const sheet = page.locator("body > iframe[hidden]");
  await sheet.evaluate((frame) => {
    frame.hidden = false;
    Object.assign(frame.style, { border: "0", position: "fixed", inset: "0 auto auto 0", width: "744px", height: "1052px", zIndex: "99", background: "white" });
  });
  await page.emulateMedia({ media: "print" });
  await page.locator("body > iframe[sandbox]").last().screenshot({ path: `${window.shots}/${window.name.replaceAll(" ", "-")}-paper.png` });
  await page.emulateMedia({ media: null });
  await page.evaluate(() => [...document.querySelectorAll("body > iframe[sandbox]")].at(-1).remove());

  await item("forward");
  const compose = page.locator("div.compose");
  await compose.locator("[role=textbox]", { hasText: "Voici le plan." }).waitFor();
  window.expect("it says that it is one", (await compose.locator("input[maxlength='900']").inputValue()).startsWith("Fwd: "));
  await compose.locator("li", { hasText: "plan.txt" }).waitFor();
  await window.check("forward");
  await discard(page);
  if (isPhone) await page.goBack();
}

async function signature(window) {
  const { page } = window;
  await page.goto(`${window.base}/#/settings/identities`);
  const form = page.locator("form.card", { hasText: address }).first();
  await form.locator("textarea").fill(`Service de ${window.name}`);
  await form.locator("[type=submit]").click();
  await page.locator(".toast").first().waitFor();
  await page.goto(`${window.base}/#/mail`);
  await page.reload();
  await page.locator("section.list [role=option] .who").first().waitFor();
}

/** A picture that is pasted goes with the message, stands in its text, and under it the signature. */
async function picture(window) {
  const { page } = window;
  const subject = `Image ${window.name} ${Date.now()}`;
  await page.locator("button:visible", { has: page.locator("use[href$='#pencil']") }).first().click();
  const compose = page.locator("div.compose");
  const text = compose.locator("[role=textbox]");
  await text.filter({ hasText: `Service de ${window.name}` }).waitFor();
  await compose.locator("[role=combobox]").first().fill(address);
  await compose.locator("[role=combobox]").first().press("Enter");
  await compose.locator("input[maxlength='900']").fill(subject);
  await text.click();
  await text.evaluate((field, png) => {
    const octets = Uint8Array.from(atob(png), (it) => it.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([octets], "point.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, PNG);
  await text.locator("img[src^='blob:']").waitFor();
  await compose.locator(".state:not(:empty)").waitFor();
  await window.check("picture pasted");
  await compose.locator(".foot .primary").click();
  await row(page, subject).waitFor({ timeout: 40_000 });
  await row(page, subject).click();
  const frame = page.frameLocator("iframe[src='/message-frame']").first();
  const shown = frame.locator("img[src^='blob:']");
  await shown.waitFor();
  window.expect("it is the picture", (await shown.evaluate((it) => it.decode().then(() => it.naturalWidth))) === 16);
  await frame.getByText(`Service de ${window.name}`).waitFor();
}
