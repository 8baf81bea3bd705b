// What is being dragged, from a folder to another.

import type { Item, Place } from "../../lib/dav/files";

export const DRAGGED = "application/x-office-files";

export const dragged: { from: Place; items: readonly Item[]; move: (to: Place) => void } = {
  from: { owner: "", path: "" }, items: [], move: () => undefined,
};
