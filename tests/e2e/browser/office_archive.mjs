// Mail out and in: a mailbox and a selection as mbox, a message as .eml, and files put into a mailbox, of which nothing is there twice.

import { readFileSync, writeFileSync } from "node:fs";
import { given, round } from "./office_round.mjs";

const [login, folder] = given;

await round(async (window) => {
  const { page } = window;
  const tag = window.name.replaceAll(" ", "-");
  await window.signIn(login);
  await page.goto(`${window.base}/#/mail`);
  await page.locator("[role=option]", { hasText: "Archive 3" }).first().waitFor();

  const mailbox = await download(page, () => choose(page, "download"));
  writeFileSync(`${folder}/mailbox-${tag}.mbox`, mailbox);
  window.expect("the mailbox is an mbox of all", mailbox.toString("latin1").split(/^From MAILER-DAEMON /m).length - 1 === 4);

  for (const text of ["Archive 1", "Archive 2"]) await page.locator("[role=option]", { hasText: text }).first().locator(".box").click();
  const some = await download(page, () => choose(page, "download"));
  writeFileSync(`${folder}/selection-${tag}.mbox`, some);
  window.expect("the selection is an mbox of two", some.toString("latin1").split(/^From MAILER-DAEMON /m).length - 1 === 2);
  await page.locator(".acts button", { has: page.locator("use[href$='#x']") }).click();

  await into(window);
});

/** An item of the list's menu, by its icon. */
async function choose(page, icon) {
  await page.locator(".acts [aria-haspopup=menu]", { has: page.locator("use[href$='#ellipsis']") }).click();
  await page.locator("[role=menu]:popover-open [role=menuitem]", { has: page.locator(`use[href$='#${icon}']`) }).last().click();
}

async function download(page, act) {
  const [file] = await Promise.all([page.waitForEvent("download"), act()]);
  return readFileSync(await file.path());
}

/** Files into a mailbox of each window's own. */
async function into(window) {
  const { page } = window;
  const isPhone = window.viewport.width < 760;
  const name = `In ${window.name}`;
  if (isPhone) await page.locator(".menu-button").click();
  await page.locator("aside a", { hasText: name }).click();
  await page.locator(".bar h2", { hasText: name }).waitFor();
  const message = (number, id) => `Subject: Venu ${number}\nFrom: x@b.test\n${id ? `Message-ID: <in${number}-${id}@b.test>\n` : ""}\nFrom here\n`;
  const head = "From x@b.test Thu Nov 26 21:05:00 2026\n";
  const mbox = [1, 2, 3].map((it) => `${head}Status: ${it === 1 ? "O" : "RO"}\n${message(it, "a").replace("\nFrom here", "\n>From here")}\n`).join("");
  const broken = `${head}Subject: ok\n\nno id\n\n${head}not a header at all\n\n`;
  const files = [
    { name: "three.mbox", mimeType: "application/mbox", buffer: Buffer.from(mbox) },
    { name: "one.eml", mimeType: "message/rfc822", buffer: Buffer.from(message(4, "a").replaceAll("\n", "\r\n")) },
    { name: "broken.mbox", mimeType: "application/mbox", buffer: Buffer.from(broken) },
  ];
  const input = page.locator("section.list input[type=file]");
  const panel = page.locator("section.import");
  await input.setInputFiles(files);
  await panel.locator("button.square").waitFor({ timeout: 30_000 });
  const said = async () => `${await panel.locator("[role=status]").innerText()} ${(await panel.locator("li").allInnerTexts()).join(" ")}`;
  const first = await said();
  window.expect(`five came in, and one fault is told: ${first}`, /[5٥]/.test(first) && first.includes("broken.mbox"));
  await page.locator("[role=option]", { hasText: "Venu 4" }).first().waitFor();
  await size(page, 5);
  window.expect("one that was not read is new", (await page.locator(".row.new").count()) === 1);
  await window.check("imported");
  await panel.locator("button.square").click();
  // The same again: what has a Message-ID is there already.
  await input.setInputFiles(files.slice(0, 2));
  await panel.locator("button.square").waitFor({ timeout: 30_000 });
  const second = await said();
  window.expect(`nothing comes twice: ${second}`, /[4٤]/.test(second));
  await size(page, 5);
  await panel.locator("button.square").click();
  await drop(window, panel);
  await cut(window, input, panel);
}

/** A file that is dropped on the list. */
async function drop(window, panel) {
  const { page } = window;
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["Subject: Tombé\nMessage-ID: <drop@b.test>\n\ntext\n"], "drop.eml"));
    return transfer;
  });
  await page.dispatchEvent(".rows", "drop", { dataTransfer: data });
  await panel.locator("button.square").waitFor({ timeout: 30_000 });
  await page.locator("[role=option]", { hasText: "Tombé" }).first().waitFor();
  await size(page, 6);
  await panel.locator("button.square").click();
}

/** The answer to an import is lost on its way: it is told, and what was done is not done again. */
async function cut(window, input, panel) {
  const { page } = window;
  await page.evaluate(() => {
    const real = window.fetch;
    window.fetch = async (address, request) => {
      const answer = await real(address, request);
      if (!String(request?.body).includes('"Email/import"')) return answer;
      // It reached the store; only nobody hears of it.
      window.fetch = real;
      throw new TypeError("lost");
    };
  });
  const text = `Subject: Coupé\nFrom: x@b.test\nMessage-ID: <cut@b.test>\n\ntext\n`;
  await input.setInputFiles([{ name: "cut.eml", mimeType: "message/rfc822", buffer: Buffer.from(text) }]);
  const again = panel.locator("button", { has: page.locator("use[href$='#rotate-ccw']") });
  await again.waitFor({ timeout: 30_000 });
  await window.check("import cut");
  await again.click();
  await again.waitFor({ state: "detached" });
  await panel.locator("button.square").waitFor({ timeout: 30_000 });
  await size(page, 7);
  window.expect("what was lost was there", /[1١]|واحدة/.test(await panel.locator("[role=status]").innerText()));
  await panel.locator("button.square").click();
}

function size(page, all) {
  return page.waitForFunction((it) => Number(document.querySelector("section.list [role=option]")?.getAttribute("aria-setsize")) === it, all);
}
