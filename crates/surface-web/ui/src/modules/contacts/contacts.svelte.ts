// The address books that one has and that others share, with their cards; and the directory, which lists nobody and is searched.

import { JmapError } from "../../lib/jmap/client";
import { jmap } from "../../lib/jmap/office";
import { ownerOf, places } from "../../lib/jmap/places";
import { removals } from "../../lib/jmap/removals.svelte";
import { Refused, type Arguments, type GetAnswer, type Id, type QueryAnswer, type SetAnswer } from "../../lib/jmap/types";
import { i18n } from "../../lib/i18n.svelte";
import { changes, EMPTY, nameOf, type Card, type Draft } from "./card";

const CONTACTS = "urn:ietf:params:jmap:contacts";
/** The id that the directory's one book has (docs/decisions/0043). */
const DIRECTORY = "directory";
/** Most cards that are asked for at once. */
const MOST = 500;
/** Fewest letters by which a directory finds anybody. */
const FEWEST = 2;
const LISTED = ["id", "uid", "kind", "addressBookIds", "name", "emails", "organizations", "titles", "members"];

export interface Book {
  id: Id;
  name: string;
  description: string | null;
  sortOrder: number;
  isDefault: boolean;
  myRights: { mayRead: boolean; mayWrite: boolean; mayShare: boolean; mayDelete: boolean };
}

/** An address book with whose it is. */
export interface Held {
  account: Id;
  /** Whose; empty for one's own. */
  owner: string;
  isDirectory: boolean;
  book: Book;
}

export interface Placed {
  account: Id;
  book: Id;
  card: Card;
}

export interface Found {
  cards: readonly Placed[];
  /** Too many in the directory are called so. */
  isTooMany: boolean;
}

export const keyOf = ({ account, card }: { account: Id; card: { id: Id } }): string => `${account}/${card.id}`;
export const keyOfBook = (held: Held): string => `${held.account}/${held.book.id}`;

class Contacts {
  #books = $state.raw<readonly Held[]>([]);
  #cards = $state.raw<readonly Placed[]>([]);
  failed = $state(false);
  loaded = $state(false);

  /** Without what was removed and can still be had back. */
  readonly books = $derived(this.#books.filter((it) => !removals.isHidden(it.account, it.book.id)));
  readonly cards = $derived.by(() => {
    const there = new Set(this.books.map(keyOfBook));
    return sorted(this.#cards.filter((it) => there.has(`${it.account}/${it.book}`) && !removals.isHidden(it.account, it.card.id)));
  });
  /** Those that one may write in, one's default first. */
  readonly writable = $derived(
    this.books.filter((it) => it.book.myRights.mayWrite).sort((a, b) => Number(b.book.isDefault && !b.owner) - Number(a.book.isDefault && !a.owner)),
  );

  bookOf({ account, book }: { account: Id; book: Id }): Held | undefined {
    return this.books.find((it) => it.account === account && it.book.id === book);
  }

  mayWrite(placed: Placed): boolean {
    return this.bookOf(placed)?.book.myRights.mayWrite === true;
  }

  async load(): Promise<void> {
    try {
      const where = await places(CONTACTS);
      const { accounts } = where;
      const found = await Promise.allSettled(accounts.map(look));
      // Somebody else's store that is down keeps nobody from their own.
      const own = found[0];
      if (own?.status === "rejected") throw own.reason;
      const all = found.flatMap((it, at) => (it.status === "fulfilled" ? [{ account: accounts[at] as Id, ...it.value }] : []));
      this.#books = all.flatMap(({ account, books }) =>
        [...books].sort((a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name)).map((book): Held => {
          const isDirectory = book.id === DIRECTORY;
          const owner = isDirectory ? "" : ownerOf(where, account);
          return { account, owner, isDirectory, book };
        }),
      );
      this.#cards = all.flatMap(({ account, cards }) => cards.map((card) => placed(account, card)));
      this.failed = false;
      this.loaded = true;
    } catch {
      this.failed = true;
    }
  }

  /** Cards with these words, in all books and in the directory. */
  async search(words: string): Promise<Found> {
    const { accounts } = await places(CONTACTS);
    const isDirectory = (account: Id): boolean => this.#books.some((it) => it.account === account && it.isDirectory);
    const asked = accounts.filter((it) => !isDirectory(it) || words.length >= FEWEST);
    const found = await Promise.allSettled(asked.map((account) => query(account, { text: words }, LISTED)));
    if (found.every((it) => it.status === "rejected")) throw (found[0] as PromiseRejectedResult).reason;
    return {
      cards: sorted(found.flatMap((it, at) => (it.status === "fulfilled" ? it.value.map((card) => placed(asked[at] as Id, card)) : []))),
      isTooMany: found.some((it) => it.status === "rejected" && it.reason instanceof JmapError && it.reason.type === "unsupportedFilter"),
    };
  }

  /** All that a card says. */
  async whole(account: Id, id: Id): Promise<Placed> {
    const { list } = await jmap.call<GetAnswer<Card>>("ContactCard/get", { accountId: account, ids: [id] });
    const [card] = list;
    if (!card) throw new Refused({ type: "notFound" });
    return placed(account, card);
  }

  /** Makes a card; its id. */
  async make(held: Held, draft: Draft): Promise<Id> {
    return this.#create(held, { "@type": "Card", version: "1.0", kind: "individual", ...changes({}, EMPTY, draft) });
  }

  async makeGroup(held: Held, name: string, members: readonly string[]): Promise<Id> {
    return this.#create(held, { "@type": "Card", version: "1.0", kind: "group", name: { full: name }, members: Object.fromEntries(members.map((it) => [it, true])) });
  }

  async #create({ account, book }: Held, card: Arguments): Promise<Id> {
    const answer = await jmap.call<SetAnswer>("ContactCard/set", { accountId: account, create: { c: { ...card, addressBookIds: { [book.id]: true } } } });
    refuse(answer.notCreated?.["c"]);
    await this.load();
    return String(answer.created?.["c"]?.id ?? "");
  }

  /** Changes a card; its id from then on. */
  async change(account: Id, id: Id, patch: Arguments): Promise<Id> {
    const answer = await jmap.call<SetAnswer>("ContactCard/set", { accountId: account, update: { [id]: patch } });
    refuse(answer.notUpdated?.[id]);
    await this.load();
    return String(answer.updated?.[id]?.["id"] ?? id);
  }

  /** Copies a card into a book of any account; the copy's id. */
  async copy({ account, card }: Placed, to: Held): Promise<Id> {
    if (account === to.account) {
      // RFC 8620 §5.4 copies between accounts: within one it is another card with all that this one says.
      const { id: _id, uid: _uid, addressBookIds: _books, ...rest } = (await this.whole(account, card.id)).card;
      return this.#create(to, rest as Arguments);
    }
    const create = { c: { id: card.id, addressBookIds: { [to.book.id]: true } } };
    const answer = await jmap.call<SetAnswer>("ContactCard/copy", { fromAccountId: account, accountId: to.account, create });
    refuse(answer.notCreated?.["c"]);
    await this.load();
    return String(answer.created?.["c"]?.id ?? "");
  }

  /** Moves a card to another book; its id from then on. */
  async move(from: Placed, to: Held): Promise<Id> {
    if (from.account === to.account) return this.change(from.account, from.card.id, { addressBookIds: { [to.book.id]: true } });
    const id = await this.copy(from, to);
    // Only once it is there.
    const answer = await jmap.call<SetAnswer>("ContactCard/set", { accountId: from.account, destroy: [from.card.id] });
    refuse(answer.notDestroyed?.[from.card.id]);
    await this.load();
    return id;
  }

  async makeBook(name: string): Promise<void> {
    const accountId = (await jmap.session()).primaryAccounts[CONTACTS];
    const answer = await jmap.call<SetAnswer>("AddressBook/set", { accountId, create: { b: { name } } });
    refuse(answer.notCreated?.["b"]);
    await this.load();
  }

  async changeBook({ account, book }: Held, name: string): Promise<void> {
    const answer = await jmap.call<SetAnswer>("AddressBook/set", { accountId: account, update: { [book.id]: { name } } });
    refuse(answer.notUpdated?.[book.id]);
    await this.load();
  }
}

function refuse(error: Refused["error"] | undefined): void {
  if (error) throw new Refused(error);
}

function sorted(cards: readonly Placed[]): readonly Placed[] {
  const { compare } = new Intl.Collator(i18n.language);
  return cards.map((it) => ({ it, name: nameOf(it.card) })).sort((a, b) => compare(a.name, b.name)).map(({ it }) => it);
}

function placed(account: Id, card: Card): Placed {
  return { account, book: Object.keys(card.addressBookIds)[0] ?? "", card };
}

/** One account, in one request unless it has many cards. */
async function look(accountId: Id): Promise<{ books: Book[]; cards: Card[] }> {
  const books = jmap.call<GetAnswer<Book>>("AddressBook/get", { accountId, ids: null, properties: ["id", "name", "description", "sortOrder", "isDefault", "myRights"] });
  const [{ list }, cards] = await Promise.all([books, query(accountId, null, LISTED)]);
  return { books: list, cards };
}

async function query(accountId: Id, filter: Arguments | null, properties: readonly string[]): Promise<Card[]> {
  const cards: Card[] = [];
  for (let isMore = true; isMore; ) {
    const query = jmap.call<QueryAnswer>("ContactCard/query", { accountId, filter, position: cards.length, limit: MOST });
    const get = jmap.call<GetAnswer<Card>>("ContactCard/get", { accountId, "#ids": jmap.from(query, "/ids"), properties });
    const [{ ids }, { list }] = await Promise.all([query, get]);
    cards.push(...list);
    isMore = ids.length === MOST;
  }
  return cards;
}

export const contacts = new Contacts();
