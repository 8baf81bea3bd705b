// A file that is imported: tried first, then written, part after part; where it stops it goes on.

import { api } from "../../../lib/api/client";
import { problem } from "../problem";
import { formatOf, parts, type Part } from "./parts";

export interface Row {
  line: number;
  login: string;
  outcome: "made" | "changed" | "failed";
  what: string;
}

export const OUTCOMES = ["made", "changed", "same", "failed"] as const;
export type Counts = Record<(typeof OUTCOMES)[number], number>;

/** Most rows that are kept for the table; all of them count. */
const MOST_KEPT = 1000;
const nothing = (): Counts => ({ made: 0, changed: 0, same: 0, failed: 0 });

export class Importing {
  readonly file: string;
  readonly lines: number;
  readonly #parts: readonly Part[];
  /** What was asked for last, and how many parts of it are done. */
  mode = $state<"try" | "write" | null>(null);
  done = $state(0);
  busy = $state(false);
  counts = $state.raw(nothing());
  rows = $state.raw<readonly Row[]>([]);
  /** Why it stopped before the end. */
  stopped = $state("");

  constructor(file: string, text: string) {
    this.file = file;
    this.#parts = parts(text, formatOf(file));
    this.lines = this.#parts.at(-1)?.lastLine ?? 0;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  get isOver(): boolean {
    return this.mode !== null && this.done === this.#parts.length;
  }

  /** The last line that was dealt with. */
  get line(): number {
    return this.#parts[this.done - 1]?.lastLine ?? 0;
  }

  async run(mode: "try" | "write"): Promise<void> {
    this.mode = mode;
    this.done = 0;
    this.counts = nothing();
    this.rows = [];
    await this.goOn();
  }

  /** From where it stopped. A part of which no answer came is sent again: what was done of it stays as it is. */
  async goOn(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.stopped = "";
    try {
      for (const part of this.#parts.slice(this.done)) {
        const answer = await api.post<Counts & { rows: Row[] }>("/api/admin/import", {
          file: this.file, text: part.text, firstLine: part.firstLine, dryRun: this.mode === "try",
        });
        this.counts = Object.fromEntries(OUTCOMES.map((it) => [it, this.counts[it] + answer[it]])) as Counts;
        // What is wrong stands first, whatever its line.
        const all = [...this.rows, ...answer.rows];
        this.rows = [...all.filter((it) => it.outcome === "failed"), ...all.filter((it) => it.outcome !== "failed")].slice(0, MOST_KEPT);
        this.done += 1;
      }
    } catch (error) {
      this.stopped = problem(error);
    } finally {
      this.busy = false;
    }
  }
}
