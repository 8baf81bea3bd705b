// What was typed and could not be written yet, by the note that it is of: until the page is closed.

import type { Draft, Note } from "./note";

export const kept = new Map<string, { seen: Note; draft: Draft }>();
