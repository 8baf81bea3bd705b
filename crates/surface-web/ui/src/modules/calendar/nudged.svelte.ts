// A time that goes step by step by keys: it is seen where it goes, and written once the keys rest or one goes on to something else.

import type { Time } from "./event";

/** How long keys may rest before what they have moved is written, in milliseconds. */
const REST = 700;

export type Move = (time: Time, start: Date, end: Date) => void;

export const isSame = (one: Time, other: Time): boolean => one.id === other.id && one.account === other.account;

export class Nudged {
  now = $state.raw<{ time: Time; start: Date; end: Date } | null>(null);
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly move: Move) {}

  /** One step: `time` is as it stands where it is shown, `before` as the store has it. */
  step(before: Time, { start, end }: { start: Date; end: Date }): void {
    this.now = { time: before, start, end };
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.settle(), REST);
  }

  settle(): void {
    clearTimeout(this.#rest);
    const done = this.now;
    this.now = null;
    if (done) this.move(done.time, done.start, done.end);
  }

  /** It stays where it was. */
  drop(): void {
    clearTimeout(this.#rest);
    this.now = null;
  }

  /** Who goes on to something else is done with it; a time that was drawn anew is not something else. */
  left(event: FocusEvent): void {
    const next = event.relatedTarget instanceof Element && event.relatedTarget.closest<HTMLElement>("[data-time]")?.dataset["time"];
    if (this.now && event.relatedTarget && next !== this.now.time.id) this.settle();
  }

  /** The times as they are seen meanwhile. */
  shown(times: readonly Time[]): readonly Time[] {
    const held = this.now;
    return held ? times.map((it) => (isSame(it, held.time) ? { ...it, start: held.start, end: held.end } : it)) : times;
  }
}
