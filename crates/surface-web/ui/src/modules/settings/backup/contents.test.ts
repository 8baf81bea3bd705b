import { expect, it } from "vitest";
import type { Member, Zip } from "../../../lib/zip/read";
import { made } from "./collections";
import { contents } from "./contents";
import { beside } from "./files";

function archive(texts: Record<string, string>): Zip {
  const members = Object.entries(texts).map(([name, text]): Member => ({ name: name.replace(/\/$/, ""), isFolder: name.endsWith("/"), size: text.length, modified: null }));
  return { members, content: (member: Member) => Promise.resolve(new Blob([texts[member.name] ?? ""])) } as unknown as Zip;
}

/** The digest of `ana@a.test`, as signatures are kept under it. */
const ANA = "c4b3cd9d2bd3a9a7d8c4f1b6";

it("tells what is in it", async () => {
  const octets = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("ana@a.test")));
  const key = [...octets.slice(0, 12)].map((it) => it.toString(16).padStart(2, "0")).join("");
  const found = await contents(
    archive({
      "README.txt": "x",
      "mail/_ (3).mbox": "From x",
      "mail/Projets/Été.mbox": "From x",
      "files/": "",
      "files/a/b.txt": "text",
      "settings/mailboxes.json": JSON.stringify({ mailboxes: [{ name: "..", member: "mail/_ (3).mbox", messages: 1 }, { name: "x", member: "nothing" }, "odd"] }),
      "settings/filters/r.sieve": "keep;",
      "settings/filters.json": JSON.stringify({ filters: [{ name: "R", member: "settings/filters/r.sieve", isActive: true }] }),
      "settings/preferences.json": JSON.stringify({
        addresses: ["other@a.test", "Ana@a.test"],
        preferences: { [`identity.${key}`]: '{"textSignature":"Ana","email":"rector@a.test"}', [`identity.${ANA}`]: "no json", looks: "x" },
      }),
      "calendars/cours.ics": "BEGIN:VCALENDAR",
      "contacts/amis.vcf": "",
      "settings/calendars.json": JSON.stringify({ calendars: [{ name: "cours", member: "calendars/cours.ics", displayName: "Cours & <plus>", colour: "#112233", holds: ["VEVENT", "VX"] }, { name: "x", member: "none" }] }),
      "settings/contacts.json": JSON.stringify({ contacts: [{ name: "amis", member: "contacts/amis.vcf", displayName: null }] }),
      "NOT-IN-HERE.txt": "nothing else\n",
    }),
  );
  expect(found.mailboxes.map((it) => [it.name, it.messages])).toEqual([["..", 1], ["Projets/Été", null]]);
  expect(found.files.map((it) => it.path)).toEqual(["a/b.txt"]);
  expect(found.filters).toEqual([{ name: "R", text: "keep;", isActive: true }]);
  expect(found.signatures).toEqual([{ address: "Ana@a.test", position: 1, content: { textSignature: "Ana" } }]);
  expect(found.collections.map((it) => [it.family, it.name, it.displayName, it.holds])).toEqual([["calendars", "cours", "Cours & <plus>", ["VEVENT"]], ["contacts", "amis", "", []]]);
  const [calendar, book] = found.collections.map(made);
  expect(calendar).toContain('<D:displayname>Cours &#38; &#60;plus&#62;</D:displayname><A:calendar-color>#112233</A:calendar-color><C:supported-calendar-component-set><C:comp name="VEVENT"/>');
  expect(book).toContain("<R:addressbook/></D:resourcetype></D:prop>");
  expect(found.missing).toBe("nothing else");
});

it("is not led astray by texts that are none of ours", async () => {
  for (const text of ["", "null", "[]", "3", '{"mailboxes":3,"filters":{},"preferences":[]}', "{"]) {
    const found = await contents(archive({ "settings/mailboxes.json": text, "settings/filters.json": text, "settings/calendars.json": text, "settings/preferences.json": text }));
    expect([found.mailboxes, found.files, found.collections, found.filters, found.signatures]).toEqual([[], [], [], [], []]);
  }
});

it.each([["plan.odt", 1, "plan (restored).odt"], ["plan.odt", 2, "plan (restored 2).odt"], [".profile", 1, ".profile (restored)"], ["a", 1, "a (restored)"]])("%s is put beside as %s", (name, number, expected) =>
  expect(beside(name, number)).toBe(expected),
);
