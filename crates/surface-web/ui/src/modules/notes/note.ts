// Notes as they are told (docs/JMAP.md), and what of them one writes.

import type { Id } from "../../lib/jmap/types";

export interface Note {
  id: Id;
  uid: string;
  notebookId: Id;
  title?: string;
  /** Markdown. */
  body?: string;
  /** The beginning of the body. */
  preview?: string;
  keywords?: Record<string, boolean> | null;
  /** A day, or a moment; of most notes nothing. */
  date?: string | null;
  privacy?: string;
  status?: string;
  created?: string;
  updated?: string;
  /** Which text of it this is: a change that names another one is refused. */
  revision?: string;
}

/** A note with where it is. */
export interface Placed {
  account: Id;
  note: Note;
}

export const keyOf = ({ account, note }: { account: Id; note: { id: Id } }): string => `${account}/${note.id}`;

/** What one writes of a note. */
export interface Draft {
  title: string;
  body: string;
  /** With commas between them. */
  keywords: string;
}

export const draftOf = ({ title = "", body = "", keywords }: Note): Draft => ({ title, body, keywords: wordsOf(keywords).join(", ") });

export const wordsOf = (keywords: Note["keywords"]): string[] => Object.keys(keywords ?? {}).filter((it) => keywords?.[it]).sort();

const FIELDS = ["title", "body", "keywords"] as const;

/** What differs. */
export function changed(before: Draft, after: Draft): (keyof Draft)[] {
  const text = (draft: Draft, name: keyof Draft): string => (name === "keywords" ? listed(draft.keywords).sort().join() : draft[name]);
  return FIELDS.filter((name) => text(before, name) !== text(after, name));
}

/** Both have changed it, and not to the same. */
export function clashes(before: Draft, after: Draft, there: Draft): (keyof Draft)[] {
  const [own, theirs, differ] = [changed(before, after), changed(before, there), changed(after, there)];
  return own.filter((name) => theirs.includes(name) && differ.includes(name));
}

/** As it stands where another program has changed other things of it. */
export function joined(before: Draft, after: Draft, there: Draft): Draft {
  const own = changed(before, after);
  return Object.fromEntries(FIELDS.map((name) => [name, own.includes(name) ? after[name] : there[name]])) as unknown as Draft;
}

/** The changes as a patch. */
export function patch(before: Draft, after: Draft): Partial<Note> {
  const all: Partial<Note> = { title: after.title, body: after.body, keywords: Object.fromEntries(listed(after.keywords).map((it) => [it, true])) };
  return Object.fromEntries(changed(before, after).map((name) => [name, all[name]]));
}

const listed = (keywords: string): string[] => [...new Set(keywords.split(/[,،]/).map((it) => it.trim()).filter(Boolean))];

export const SORTS = ["updated", "created", "title"] as const;
export type Sort = (typeof SORTS)[number];

/** The newest first, or by title; what has none of it comes last. */
export function by(sort: Sort, language: string): (one: Placed, other: Placed) => number {
  const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  return ({ note: one }, { note: other }) => {
    if (sort !== "title") return (other[sort] ?? "").localeCompare(one[sort] ?? "");
    return Number(!one.title) - Number(!other.title) || collator.compare(one.title ?? "", other.title ?? "");
  };
}

const BEGINS = /^(?:\s|#{1,6}(?=\s)|>|(?:[-*+]|\d{1,9}[.)])(?=\s)|\[[ xX]\](?=\s))+/;
const AROUND = /(?<![\p{L}\p{N}])(\*{1,3}|_{1,3}|~~|`)(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])/gu;

/** The beginning of a text as a list shows it, in one line and without what stands for its looks. */
export function firstLine(preview: string): string {
  const lines = preview.split("\n").map((it) => it.replace(BEGINS, "").replace(AROUND, "$2"));
  return lines.filter((it) => /[\p{L}\p{N}]/u.test(it)).join(" ");
}
