// What was typed and could not be written yet, by the task that it is of: until the page is closed.

import type { Draft } from "./draft";
import type { Typed } from "./typed";

export const kept = new Map<string, { begun: Draft; typed: Typed }>();

// Whoever closes the window with something that is not saved is asked, whatever is open by then.
addEventListener("beforeunload", (event) => {
  if (kept.size > 0) event.preventDefault();
});
