// The notebooks that one has and that others share, with their notes.

import { JmapError } from "../../lib/jmap/client";
import { jmap } from "../../lib/jmap/office";
import { ownerOf, places } from "../../lib/jmap/places";
import { removals } from "../../lib/jmap/removals.svelte";
import { Refused, type Arguments, type GetAnswer, type Id, type QueryAnswer, type SetAnswer } from "../../lib/jmap/types";
import { looks } from "../../lib/looks";
import { changed, clashes, draftOf, joined, patch, type Draft, type Note, type Placed } from "./note";

const NOTES = "urn:passerelle:params:jmap:notes";
/** Most notes that are asked for at once. */
const MOST = 500;
/** How often a change is tried again that another one came before. */
const TRIES = 4;
const LISTED = ["id", "uid", "notebookId", "title", "preview", "keywords", "date", "privacy", "status", "created", "updated"];
const WHOLE = [...LISTED, "body", "revision"];

export interface Notebook {
  id: Id;
  name: string;
  color: string | null;
  sortOrder: number;
  myRights: { mayReadItems: boolean; mayWriteAll: boolean; mayAdmin: boolean; mayDelete: boolean };
}

/** A notebook with whose it is. */
export interface Held {
  account: Id;
  /** Whose; empty for one's own. */
  owner: string;
  book: Notebook;
}

/** Another program has changed meanwhile what one was changing. */
export class Clash extends Error {
  constructor(readonly there: Note) {
    super("changed meanwhile");
  }
}

export const keyOfBook = ({ account, book }: Held): string => `${account}/${book.id}`;

class Notes {
  #books = $state.raw<readonly Held[]>([]);
  #notes = $state.raw<readonly Placed[]>([]);
  #round = 0;
  /** What was found last, by account. */
  #last = new Map<Id, Found>();
  failed = $state(false);
  loaded = $state(false);

  /** Without what was removed and can still be had back. */
  readonly books = $derived(this.#books.filter((it) => !removals.isHidden(it.account, it.book.id)));
  readonly all = $derived.by(() => {
    const there = new Set(this.books.map(keyOfBook));
    return this.#notes.filter(({ account, note }) => there.has(`${account}/${note.notebookId}`) && !removals.isHidden(account, note.id));
  });
  /** Those that one may write in, one's own first. */
  readonly writable = $derived(this.books.filter((it) => it.book.myRights.mayWriteAll).sort((a, b) => Number(a.owner !== "") - Number(b.owner !== "")));

  bookOf({ account, note }: Placed): Held | undefined {
    return this.books.find((it) => it.account === account && it.book.id === note.notebookId);
  }

  /** What is private in somebody else's notebook is told of by nothing but that it is there, and is not written over. */
  mayWrite(it: Placed): boolean {
    return this.bookOf(it)?.book.myRights.mayWriteAll === true && !this.isHidden(it);
  }

  isHidden(it: Placed): boolean {
    return Boolean(this.bookOf(it)?.owner) && ["private", "secret"].includes(it.note.privacy ?? "");
  }

  /** Looks again. */
  readonly load = looks(() => this.#look());

  async #look(): Promise<void> {
    const round = ++this.#round;
    try {
      const where = await places(NOTES);
      const found = await Promise.allSettled(where.accounts.map(look));
      if (round !== this.#round) return;
      // Somebody else's store that is down keeps nobody from their own.
      const own = found[0];
      if (own?.status === "rejected") throw own.reason;
      const all = found.flatMap((it, at) => {
        const account = where.accounts[at] as Id;
        // Who writes in theirs just then goes on with what is known.
        const there = it.status === "fulfilled" ? it.value : isRefused(it.reason) ? undefined : this.#last.get(account);
        return there ? [{ account, ...there }] : [];
      });
      this.#last = new Map(all.map((it) => [it.account, it]));
      this.#books = all.flatMap(({ account, books }) => {
        const sorted = [...books].sort((a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name));
        return sorted.map((book) => ({ account, owner: ownerOf(where, account), book }));
      });
      this.#notes = all.flatMap(({ account, notes }) => notes.map((note) => ({ account, note })));
      this.failed = false;
      this.loaded = true;
    } catch {
      if (round === this.#round) this.failed = true;
    }
  }

  /** The keys of the notes in which a text is found, in their titles, texts and keywords. */
  async found(words: string): Promise<ReadonlySet<string>> {
    const { accounts } = await places(NOTES);
    const conditions = words.split(/\s+/).filter(Boolean).map((text) => ({ text }));
    const filter = { operator: "AND", conditions };
    const answers = await Promise.allSettled(accounts.map((accountId) => jmap.call<QueryAnswer>("Note/query", { accountId, filter })));
    const own = answers[0];
    if (own?.status === "rejected") throw own.reason;
    return new Set(answers.flatMap((it, at) => (it.status === "fulfilled" ? it.value.ids.map((id) => `${accounts[at]}/${id}`) : [])));
  }

  /** All that a note says. */
  async whole(accountId: Id, id: Id): Promise<Note> {
    const { list } = await jmap.call<GetAnswer<Note>>("Note/get", { accountId, ids: [id], properties: WHOLE });
    if (!list[0]) throw new Refused({ type: "notFound" });
    return list[0];
  }

  /** Makes a note; its id. */
  async make({ account, book }: Held, draft: Partial<Draft> = {}): Promise<Id> {
    const note = { notebookId: book.id, ...patch({ title: "", body: "", keywords: "" }, { title: "", body: "", keywords: "", ...draft }) };
    const answer = await jmap.call<SetAnswer>("Note/set", { accountId: account, create: { n: note } });
    refuse(answer.notCreated?.["n"]);
    await this.load();
    return String(answer.created?.["n"]?.id ?? "");
  }

  /**
   * Writes what one has typed, where `seen` is the note as one saw it; the note as it is then.
   *
   * What another program has written meanwhile stays where it is something else, and is a `Clash` where it is the same thing, unless one
   * insists.
   */
  async write(account: Id, seen: Note, after: Draft, insists = false): Promise<Note> {
    let [now, wanted] = [seen, after];
    for (let tries = 1; ; tries += 1) {
      if (changed(draftOf(now), wanted).length === 0) return now;
      try {
        return await this.#set(account, now.id, { ...patch(draftOf(now), wanted), revision: now.revision });
      } catch (error) {
        if (!(error instanceof Refused && error.error.type === "stateMismatch") || tries >= TRIES) throw error;
      }
      const there = await this.whole(account, now.id);
      const [was, theirs] = [draftOf(seen), draftOf(there)];
      if (!insists && clashes(was, after, theirs).length > 0) throw new Clash(there);
      [now, wanted] = [there, joined(was, after, theirs)];
    }
  }

  /** Changes single things of it, whatever else was changed. */
  async change({ account, note }: Placed, patch: Partial<Note>): Promise<void> {
    await this.#set(account, note.id, patch as Arguments);
  }

  /** Moves it to another notebook of the same account; its id from then on. */
  async moveTo({ account, note }: Placed, notebookId: Id): Promise<Id> {
    const answer = await jmap.call<SetAnswer>("Note/set", { accountId: account, update: { [note.id]: { notebookId } } });
    refuse(answer.notUpdated?.[note.id]);
    await this.load();
    return String(answer.updated?.[note.id]?.["id"] ?? note.id);
  }

  /** Takes away one that nothing was written into. */
  async drop(accountId: Id, id: Id): Promise<void> {
    await jmap.call<SetAnswer>("Note/set", { accountId, destroy: [id] });
    await this.load();
  }

  async #set(accountId: Id, id: Id, patch: Arguments): Promise<Note> {
    const set = jmap.call<SetAnswer>("Note/set", { accountId, update: { [id]: patch } });
    const get = jmap.call<GetAnswer<Note>>("Note/get", { accountId, ids: [id], properties: WHOLE });
    const [answer, { list }] = await Promise.all([set, get]);
    refuse(answer.notUpdated?.[id]);
    if (!list[0]) throw new Refused({ type: "notFound" });
    void this.load();
    return list[0];
  }

  /** Writes what one has typed while the page goes away: nobody is there to hear whether it was taken. */
  leave(account: Id, seen: Note, after: Draft): void {
    jmap.leave("Note/set", { accountId: account, update: { [seen.id]: { ...patch(draftOf(seen), after), revision: seen.revision } } });
  }

  async makeBook(name: string, color: string): Promise<void> {
    const { primary: accountId } = await places(NOTES);
    const answer = await jmap.call<SetAnswer>("Notebook/set", { accountId, create: { b: { name, color } } });
    refuse(answer.notCreated?.["b"]);
    await this.load();
  }

  async changeBook({ account, book }: Held, name: string, color: string): Promise<void> {
    const answer = await jmap.call<SetAnswer>("Notebook/set", { accountId: account, update: { [book.id]: { name, color } } });
    refuse(answer.notUpdated?.[book.id]);
    await this.load();
  }
}

function refuse(error: Refused["error"] | undefined): void {
  if (error) throw new Refused(error);
}

/** It is shared no longer, unlike what is down for a while. */
const isRefused = (error: unknown): boolean => error instanceof JmapError && ["accountNotFound", "forbidden"].includes(error.type);

interface Found {
  books: Notebook[];
  notes: Note[];
}

/** One account, in one request unless it has many notes. */
async function look(accountId: Id): Promise<Found> {
  const books = jmap.call<GetAnswer<Notebook>>("Notebook/get", { accountId, ids: null, properties: ["id", "name", "color", "sortOrder", "myRights"] });
  const [{ list }, notes] = await Promise.all([books, all(accountId)]);
  return { books: list, notes };
}

async function all(accountId: Id): Promise<Note[]> {
  // By id: where one is made between two pages, another comes a second time.
  const notes = new Map<Id, Note>();
  for (let [position, isMore] = [0, true]; isMore; position += MOST) {
    const query = jmap.call<QueryAnswer>("Note/query", { accountId, position, limit: MOST });
    const get = jmap.call<GetAnswer<Note>>("Note/get", { accountId, "#ids": jmap.from(query, "/ids"), properties: LISTED });
    const [{ ids }, { list }] = await Promise.all([query, get]);
    for (const note of list) notes.set(note.id, note);
    isMore = ids.length === MOST;
  }
  return [...notes.values()];
}

export const notes = new Notes();
