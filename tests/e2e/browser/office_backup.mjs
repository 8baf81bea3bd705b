// A backup of another account: what is in it is shown, put back, and put back once more; archives that are none are refused.

import { readFileSync } from "node:fs";
import { given, round } from "./office_round.mjs";

const logins = given.slice(0, -1);
const archive = given.at(-1);
let at = 0;

await round(async (window) => {
  const { page } = window;
  await window.signIn(logins[at++]);
  await page.goto(`${window.base}/#/settings/backup`);
  const file = page.locator("input[type=file]");
  await file.waitFor();
  await window.check("backup");

  const [own] = await Promise.all([page.waitForEvent("download"), page.locator("a[href='/api/backup']").click()]);
  const whole = readFileSync(await own.path());
  window.expect("one's own backup is an archive", whole.subarray(0, 2).toString() === "PK" && own.suggestedFilename().endsWith(".zip"));

  const leading = Buffer.from(whole.toString("latin1").replaceAll("README.txt", "../DME.txt"), "latin1");
  const wrong = page.locator("[role=alert].wrong");
  for (const [name, buffer] of [["none.zip", Buffer.from("no archive")], ["cut.zip", whole.subarray(0, whole.length - 5)], ["out.zip", leading]]) {
    await file.setInputFiles({ name, mimeType: "application/zip", buffer });
    await wrong.waitFor();
    window.expect(`${name} is not used`, (await page.locator("form.chosen").count()) === 0);
    if (name === "out.zip") await window.check("backup refused");
    await file.setInputFiles([]);
    await wrong.waitFor({ state: "detached" });
  }

  const first = await restore(window, "first");
  window.expect(`ten messages and more came: ${JSON.stringify(first)}`, first.messages >= 10 && first.files === 3 && first.items === 3 && first.settings === 2);
  window.expect("one is beside another", (await page.locator("section.run bdi", { hasText: "Notes/plan.txt" }).count()) === 1);
  await page.reload();
  await file.waitFor();
  const second = await restore(window, "second");
  window.expect(`nothing came twice: ${JSON.stringify(second)}`, second.messages === 0 && second.files === 0 && second.items === 0 && second.settings === 0 && second.there >= 18);
});

/** Puts all of it back; the counts that are told. */
async function restore(window, name) {
  const { page } = window;
  await page.locator("input[type=file]").setInputFiles(archive);
  await page.locator("form.chosen").waitFor();
  await window.check(`backup ${name} chosen`);
  await page.locator("form.chosen button[type=submit]").click();
  await page.locator("section.run [data-state=done], section.run [data-state=away]").waitFor({ timeout: 60_000 });
  await window.check(`backup ${name} done`);
  window.expect(`no fault: ${await page.locator("section.run").innerText()}`, (await page.locator("section.run .faults").count()) === 0);
  const told = await page.locator("section.run [data-count]").evaluateAll((rows) => rows.map((row) => [row.dataset.count.replace("backup-count-", ""), row.textContent]));
  const counts = { messages: 0, files: 0, items: 0, settings: 0, there: 0, kept: 0 };
  for (const [key, text] of told) counts[key] = Number(text.replace(/[٠-٩]/g, (digit) => "٠١٢٣٤٥٦٧٨٩".indexOf(digit)).replace(/[^0-9]/g, ""));
  return counts;
}
