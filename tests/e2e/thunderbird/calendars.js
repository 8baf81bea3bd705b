// What the tests ask of Thunderbird's calendars and address books.
const {cal} = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const {CalDavProvider} = ChromeUtils.importESModule("resource:///modules/CalDavProvider.sys.mjs");
const {CalEvent} = ChromeUtils.importESModule("resource:///modules/CalEvent.sys.mjs");

// Marionette turns it off.
Services.prefs.setBoolPref("signon.rememberSignons", true);

/** Finds calendars as the dialog for new ones does, and takes all of them; what they are called, and whether they are only read. */
globalThis.findCalendars = async (location, login, password) => {
  const found = await CalDavProvider.detectCalendars(login, password, location, true);
  const origin = new URL(location).origin;
  await until("the password is kept", async () => (await Services.logins.searchLoginsAsync({origin})).length > 0);
  for (const it of found) cal.manager.registerCalendar(it);
  return found.map(it => [it.name, it.readOnly]).sort();
};

globalThis.calendar = name => {
  const found = cal.manager.getCalendars().find(it => it.name == name);
  if (!found) throw new Error(`no calendar ${name} among ${cal.manager.getCalendars().map(it => it.name)}`);
  return found;
};

const itemsOf = name => calendar(name).getItemsAsArray(Ci.calICalendar.ITEM_FILTER_ALL_ITEMS, 0, null, null);

/** The titles of what is in a calendar, once the server was asked for news. */
globalThis.titles = async name => {
  calendar(name).refresh();
  return (await itemsOf(name)).map(it => it.title).sort();
};

const item = async (name, title) => {
  const found = (await itemsOf(name)).find(it => it.title == title);
  if (!found) throw new Error(`no ${title} in ${name}`);
  return found;
};

globalThis.addEvent = (name, text) => calendar(name).addItem(new CalEvent(text));

globalThis.renameEvent = async (name, title, to) => {
  const old = await item(name, title);
  const changed = old.clone();
  changed.title = to;
  await calendar(name).modifyItem(changed, old);
};

globalThis.removeEvent = async (name, title) => calendar(name).deleteItem(await item(name, title));

const {CardDAVUtils} = ChromeUtils.importESModule("resource:///modules/CardDAVUtils.sys.mjs");
const {CardDAVDirectory} = ChromeUtils.importESModule("resource:///modules/CardDAVDirectory.sys.mjs");
const {MailServices: addressBooks} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

/** Finds address books as the dialog for new ones does, and takes all of them. */
globalThis.findBooks = async (location, login, password) => {
  const found = await CardDAVUtils.detectAddressBooks(login, password, location, false, true);
  for (const it of found) await it.create();
  return found.map(it => it.name).sort();
};

const book = name => CardDAVDirectory.forFile(addressBooks.ab.directories.find(it => it.dirName == name).fileName);

/** Whom an address book has, once the server was asked for news. */
globalThis.cards = async name => {
  await book(name).syncWithServer();
  return book(name).childCards.map(it => it.displayName).sort();
};

globalThis.addCard = (name, person, mail) => {
  const card = Cc["@mozilla.org/addressbook/cardproperty;1"].createInstance(Ci.nsIAbCard);
  card.displayName = person;
  card.primaryEmail = mail;
  book(name).addCard(card);
};

globalThis.removeCard = (name, person) => book(name).deleteCards(book(name).childCards.filter(it => it.displayName == person));
