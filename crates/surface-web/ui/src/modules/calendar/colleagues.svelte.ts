// When colleagues have no time, beside one's own calendars: whom one has chosen this browser keeps, for this person alone, and nothing of what they
// do is told.

import { jmap } from "../../lib/jmap/office";
import type { Id } from "../../lib/jmap/types";
import { CALENDARS } from "./agenda.svelte";
import { timesOfPrincipals, type Times } from "./availability";
import type { Period } from "./busy";

/** As many are shown: beside more nobody is told from another. */
export const MOST = 10;
const KEY = "office.calendar.colleagues";
/** Each has a colour of their own, as long as they are there; on any ground they stand as lines, not as areas. */
const COLOURS = ["#c2410c", "#0e7490", "#6d28d9", "#15803d", "#a21caf", "#b91c1c", "#1d4ed8", "#854d0e", "#be123c", "#0f766e"];

export interface Colleague {
  /** As a principal. */
  id: Id;
  name: string;
  isShown: boolean;
  colour: string;
}

/** A time that somebody has given away. */
export interface Taken extends Period {
  of: Colleague;
  isTentative: boolean;
}

class Colleagues {
  all = $state.raw<readonly Colleague[]>([]);
  #times = $state.raw<ReadonlyMap<Id, Times>>(new Map());
  /** Of whom it could not be asked when one looked last. */
  #away = $state.raw<ReadonlySet<Id>>(new Set());
  /** Of which days one knows. */
  #known: Period | null = null;
  /** Where this browser keeps whom one has chosen: by one's own account, since the next who sits here is somebody else. */
  #key = "";
  #range: Period = { start: new Date(0), end: new Date(0) };
  readonly shown = $derived(this.all.filter((it) => it.isShown));
  readonly taken = $derived(this.shown.flatMap((of): Taken[] => (this.#times.get(of.id) ?? []).map((it) => ({ ...it, of }))));

  /** Whether it is known that nothing is told of somebody. */
  isUntold(id: Id): boolean {
    return this.#times.get(id) === null;
  }

  /** Whether it is not known when somebody has time, since it cannot be asked now. */
  isAway(id: Id): boolean {
    return this.#away.has(id);
  }

  /** Looks at these days, of all who are shown at once. */
  async load(start: Date, end: Date): Promise<void> {
    const range = (this.#range = { start, end });
    // Calls of one turn are one request, and the session comes first.
    const session = await jmap.session().catch(() => null);
    if (session) this.#take(`${KEY}.${session.primaryAccounts[CALENDARS] ?? ""}`);
    const asked = this.shown;
    if (asked.length === 0 || range !== this.#range) return;
    const found = await timesOfPrincipals(asked.map((it) => it.id), range).catch(() => []);
    // What comes late for other days is passed over.
    if (range !== this.#range) return;
    const told = asked.flatMap(({ id }, at) => (found[at] === undefined ? [] : [[id, found[at]] as const]));
    // What cannot be asked now stays as it was; in other days that would be free time which nobody has told.
    const isSame = this.#known?.start.getTime() === start.getTime() && this.#known.end.getTime() === end.getTime();
    this.#times = new Map([...(isSame ? this.#times : []), ...told]);
    this.#away = new Set(asked.filter((_, at) => found[at] === undefined).map((it) => it.id));
    this.#known = range;
  }

  refresh(): Promise<void> {
    return this.load(this.#range.start, this.#range.end);
  }

  add(id: Id, name: string): void {
    if (this.all.length >= MOST || this.all.some((it) => it.id === id)) return;
    const colour = COLOURS.find((it) => !this.all.some((other) => other.colour === it)) ?? (COLOURS[0] as string);
    this.#keep([...this.all, { id, name, isShown: true, colour }]);
    void this.refresh();
  }

  toggle({ id }: Colleague): void {
    this.#keep(this.all.map((it) => (it.id === id ? { ...it, isShown: !it.isShown } : it)));
    void this.refresh();
  }

  remove({ id }: Colleague): void {
    this.#keep(this.all.filter((it) => it.id !== id));
  }

  #take(key: string): void {
    if (this.#key === key) return;
    this.#key = key;
    this.all = kept(key);
  }

  #keep(all: readonly Colleague[]): void {
    this.all = all;
    if (!this.#key) return;
    try {
      localStorage.setItem(this.#key, JSON.stringify(all));
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
  }
}

function kept(key: string): Colleague[] {
  try {
    // It was of nobody once, and so of everybody.
    localStorage.removeItem(KEY);
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    const isOne = (it: Partial<Colleague> | null): it is Colleague => typeof it?.id === "string" && typeof it.name === "string" && COLOURS.includes(it.colour ?? "") && typeof it.isShown === "boolean";
    return Array.isArray(found) ? found.filter(isOne).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export const colleagues = new Colleagues();
