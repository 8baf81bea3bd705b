// What was typed and could not be written yet, of notes that are not open: until the page is closed.

import type { Id } from "../../lib/jmap/types";
import type { Draft, Note } from "./note";
import { notes } from "./notes.svelte";

export interface Kept {
  account: Id;
  seen: Note;
  draft: Draft;
  /** The field one was in, where the note was moved while it was written. */
  at?: string | undefined;
}

export const kept = new Set<Kept>();

/** Takes out what was typed into a note, for whoever opens it. One that was moved has another id, and its old uid. */
export function taken(account: Id, id: Id, uid: string | undefined): Kept | undefined {
  for (const it of kept) {
    if (it.account !== account || (it.seen.id !== id && it.seen.uid !== uid)) continue;
    kept.delete(it);
    return { ...it, seen: { ...it.seen, id } };
  }
  return undefined;
}

/** Tries to write it once more; where that fails it stays. */
async function again(it: Kept): Promise<void> {
  const { account, seen, draft } = it;
  const id = notes.all.find((other) => other.account === account && other.note.uid === seen.uid)?.note.id ?? seen.id;
  try {
    await notes.write(account, { ...seen, id }, draft);
    kept.delete(it);
  } catch {
    // Whoever opens the note is told why.
  }
}

addEventListener("online", () => kept.forEach((it) => void again(it)));
// Whoever closes the window with something that is not saved is asked, whatever is open by then.
addEventListener("beforeunload", (event) => {
  if (kept.size > 0) event.preventDefault();
});
