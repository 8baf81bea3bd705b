// What is to become a task, told by whoever leads here: an address would lose it where the office goes on by itself.

export interface Wanted {
  title: string;
  /** The message that it comes from, by its identifier; empty for none. */
  message: string;
}

class Wanting {
  now = $state.raw<Wanted | null>(null);
}

/** Stands until the task is made or given up. */
export const wanting = new Wanting();
