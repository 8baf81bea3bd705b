// The task that is being dragged, onto another one or onto a list.

import type { Placed } from "./task";

class Dragged {
  it = $state.raw<Placed | null>(null);
}

export const dragged = new Dragged();
