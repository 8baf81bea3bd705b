// What is done with notes at once, each with the way back.

import { t } from "../../lib/i18n.svelte";
import { removals } from "../../lib/jmap/removals.svelte";
import type { Id } from "../../lib/jmap/types";
import { toasts } from "../../lib/toasts.svelte";
import type { MenuItem } from "../../lib/ui/menu";
import { keyOfBook, notes, type Held } from "./notes.svelte";
import type { Note, Placed } from "./note";
import { problem } from "./problem";

export const titleOf = (it: Placed): string => it.note.title || t(notes.isHidden(it) ? "notes-private-one" : "notes-untitled");

export function remove(it: Placed): void {
  removals.remove({ method: "Note/set", account: it.account, ids: [it.note.id] }, t("notes-removed", { title: titleOf(it) }), () => notes.load(), problem);
}

/** Moves it; its id from then on, or nothing where that failed. */
async function moveTo(it: Placed, { book }: Held): Promise<Id | null> {
  const { notebookId } = it.note;
  const failed = (error: unknown): void => void toasts.show(problem(error), { kind: "failed" });
  try {
    const id = await notes.moveTo(it, book.id);
    const back = (): Promise<void> => notes.moveTo({ ...it, note: { ...it.note, id } }, notebookId).then(() => undefined, failed);
    toasts.show(t("notes-moved", { title: titleOf(it), book: book.name }), { undo: back });
    return id;
  } catch (error) {
    failed(error);
    return null;
  }
}

async function change(it: Placed, patch: Partial<Note>): Promise<void> {
  await notes.change(it, patch).catch((error: unknown) => toasts.show(problem(error), { kind: "failed" }));
}

/** What can be done with a note, in its menus. Before it is moved, `first` saves what is typed into it; `onmoved` hears of its new id. */
export function actions(it: Placed, first?: () => Promise<unknown>, onmoved?: (id: Id) => void): MenuItem[] {
  const others = notes.writable.filter((other) => other.account === it.account && other.book.id !== it.note.notebookId);
  const isPrivate = (it.note.privacy ?? "public") !== "public";
  const move = async (other: Held): Promise<void> => {
    await first?.();
    const id = await moveTo(it, other);
    if (id) onmoved?.(id);
  };
  return [
    { id: "private", label: t(isPrivate ? "notes-make-public" : "notes-make-private"), icon: isPrivate ? "eye" : "lock", run: () => void change(it, { privacy: isPrivate ? "public" : "private" }) },
    ...others.map((other): MenuItem => ({ id: keyOfBook(other), label: t("notes-move-to", { book: other.book.name }), icon: "folder-input", run: () => void move(other) })),
    { id: "remove", label: t("notes-remove"), icon: "trash-2", danger: true, key: "#", run: () => remove(it) },
  ];
}
