// Files as other programs export them: contacts of Google and of Outlook in French, and a calendar of Google's.

/** Google's table of today, of which most columns are empty. */
export const GOOGLE = {
  name: "contacts.csv",
  mimeType: "text/csv",
  buffer: Buffer.from([
    "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Website 1 - Label,Website 1 - Value",
    "Inès,,Carvalho,,,,,,,,Université Garonne,Maîtresse de conférences,Physique,1984-06-12,\"Bureau 214\nle matin\",https://lh3.googleusercontent.com/contacts/x,* myContacts ::: Labo,* Work,ines.carvalho@a.test,Home,ines@b.test,Mobile,+33 6 11 22 33 44,Work,\"118 route de Narbonne\nToulouse 31062\nFR\",118 route de Narbonne,Toulouse,,,31062,FR,,Profile,https://a.test/ines",
    "Jonas,,Weiß,,,,Dr.,,,,,,,,,,* myContacts,* ,jonas.weiss@c.test,,,Work,+49 30 123456,,,,,,,,,,,",
    "",
  ].join("\r\n")),
};

/** Outlook's table in French, in Windows' own letters; its third row has cells for which there is no column. */
export const OUTLOOK = {
  name: "contacts outlook.csv",
  mimeType: "text/csv",
  buffer: Buffer.from([
    "\"Titre\";\"Prénom\";\"Deuxième prénom\";\"Nom\";\"Suffixe\";\"Société\";\"Service\";\"Titre\";\"Rue (bureau)\";\"Ville (bureau)\";\"Code postal (bureau)\";\"Pays/Région (bureau)\";\"Téléphone (bureau)\";\"Tél. mobile\";\"Anniversaire\";\"Adresse de messagerie\";\"Notes\"",
    "\"Mme\";\"Hélène\";;\"Lefèvre\";;\"Université Garonne\";\"DSI\";\"Ingénieure\";\"2, rue du Doyen-Gabriel-Marty\";\"Toulouse\";\"31042\";\"France\";\"+33 5 61 63 35 00\";\"06 12 34 56 78\";\"03/02/1980\";\"helene.lefevre@a.test\";\"Annuaire à jour\"",
    ";\"Noël\";;\"Quéré\";;;;;;;;;;\"06 98 76 54 32\";\"0/0/00\";\"noel.quere@c.test\";",
    ";\"Seul\";;\"Perdu\";;;;;;;;;;;;;;\"un\";\"de trop\"",
    "",
  ].join("\r\n"), "latin1"),
};

/** An export of a calendar with an event that recurs, one that lasts a day, and one whose beginning is none. */
export const calendar = (name, day) => ({
  name: "agenda.ics",
  mimeType: "text/calendar",
  buffer: Buffer.from([
    "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
    "X-WR-CALNAME:Cours", "X-WR-TIMEZONE:Europe/Paris",
    "BEGIN:VTIMEZONE", "TZID:Europe/Paris",
    "BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST", "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT",
    "BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET", "DTSTART:19701025T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD",
    "END:VTIMEZONE",
    "BEGIN:VEVENT", `DTSTART;TZID=Europe/Paris:${day}T100000`, `DTEND;TZID=Europe/Paris:${day}T120000`, "RRULE:FREQ=WEEKLY;COUNT=4", "DTSTAMP:20261101T080000Z",
    `UID:td-${name}@google.test`, "LOCATION:Amphi B", "STATUS:CONFIRMED", `SUMMARY:TD ${name}`, "END:VEVENT",
    "BEGIN:VEVENT", `DTSTART;VALUE=DATE:${day}`, "DTSTAMP:20261101T080000Z", `UID:jour-${name}@google.test`, `SUMMARY:Portes ouvertes ${name}`, "END:VEVENT",
    "BEGIN:VEVENT", "DTSTART:demain", "DTSTAMP:20261101T080000Z", `UID:rien-${name}@google.test`, "SUMMARY:Sans date", "END:VEVENT",
    "END:VCALENDAR", "",
  ].join("\r\n")),
});

/** Chooses a file in the dialog that is open, and tells how much of each it would bring: `new 2, failed 1`. */
export async function look(page, file) {
  const dialog = page.locator("dialog");
  await dialog.locator("[name=file]").setInputFiles(file);
  await dialog.locator("dl, [role=alert]").first().waitFor();
  return counts(dialog);
}

/** What was counted. */
export async function counts(dialog) {
  return (await dialog.locator("dl > div").evaluateAll((all) => all.map((it) => `${it.dataset.outcome} ${it.querySelector("dd").textContent}`))).join(", ");
}

/** Brings in what was looked at, and tells what came of it. */
export async function bring(page) {
  const dialog = page.locator("dialog");
  await dialog.locator(".foot .go").click();
  await dialog.locator(".foot .primary:not(.go)").waitFor();
  return counts(dialog);
}
