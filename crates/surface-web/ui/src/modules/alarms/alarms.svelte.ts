// The alarms of one's own events and tasks while the office is open, in whichever module: what rings, what was put off, and what is done.

import { branding } from "../../lib/branding.svelte";
import { t } from "../../lib/i18n.svelte";
import { events, jmap } from "../../lib/jmap/office";
import type { Id } from "../../lib/jmap/types";
import { mayTell, tell } from "../../lib/notification";
import { preferences } from "../../lib/preferences.svelte";
import { dueBy, nextAfter, ringsOf, type Ring } from "./due";
import { CALENDARS, seen, TASKS, things, type Known } from "./things";
import { whenOf } from "./words";

/** How often one asks where nothing is told, in milliseconds: what is due until then is known by the answer before. */
const AGAIN = 300_000;
/** How long several changes that are told are waited for. */
const CALM = 2_000;
const KEY = "office.alarms";

class Alarms {
  /** What rings. */
  now = $state.raw<readonly Ring[]>([]);
  /** Each by itself: where one cannot be asked for, what was known of it rings all the same. */
  #known: Known<readonly Ring[]> = { events: [], tasks: [] };
  /** One's own accounts: what others share rings for them. */
  #own: ReadonlySet<Id> = new Set();
  #silent = new Map<string, number>();
  /** Where that is kept; it is of one person. */
  #key = "";
  #told = new Set<string>();
  #next: ReturnType<typeof setTimeout> | undefined;
  #ask: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** Rings until what comes back is called. */
  start(): () => void {
    this.#soon(0);
    const stop = events.listen((account, types) => {
      if (this.#own.has(account) && (types.has("CalendarEvent") || types.has("Task"))) this.#soon(CALM);
    });
    // While a machine sleeps no time passes for a timer.
    const back = (): void => {
      if (document.visibilityState !== "visible") return;
      this.#ring();
      this.#soon(0);
    };
    const other = ({ key }: StorageEvent): void => {
      if (!this.#key || key !== this.#key) return;
      this.#take();
      this.#ring();
    };
    document.addEventListener("visibilitychange", back);
    addEventListener("storage", other);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", back);
      removeEventListener("storage", other);
      // What is being looked for comes too late.
      this.#asked += 1;
      clearTimeout(this.#ask);
      clearTimeout(this.#next);
      this.now = [];
    };
  }

  #soon(after: number): void {
    clearTimeout(this.#ask);
    this.#ask = setTimeout(() => void this.#look(), after);
  }

  async #look(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const { primaryAccounts } = await jmap.session();
      this.#own = new Set(Object.values(primaryAccounts));
      this.#take(`${KEY}.${primaryAccounts[CALENDARS] ?? primaryAccounts[TASKS] ?? ""}`);
      const { events, tasks } = await things(new Date());
      if (asked !== this.#asked) return;
      this.#known = { events: events?.flatMap(ringsOf) ?? this.#known.events, tasks: tasks?.flatMap(ringsOf) ?? this.#known.tasks };
    } catch {
      // What is known rings all the same, and one asks again.
    }
    if (asked !== this.#asked) return;
    this.#soon(AGAIN);
    this.#ring();
  }

  #ring(): void {
    clearTimeout(this.#next);
    const now = Date.now();
    const all = [...this.#known.events, ...this.#known.tasks];
    this.now = dueBy(all, now, this.#silent);
    for (const ring of this.now) this.#tell(ring);
    // It goes on by itself: while nobody is signed on no answer comes, and what is known rings.
    this.#next = setTimeout(() => this.#ring(), Math.min(nextAfter(all, now, this.#silent) - now, AGAIN));
  }

  /** Each is told once by the browser, and once more when it was put off. */
  #tell(ring: Ring): void {
    const key = `${ring.key} ${this.#silent.get(ring.key) ?? ""}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    if (!preferences.alarmsTold || !mayTell()) return;
    const body = [whenOf(ring.thing), ring.thing.place].filter(Boolean).join(" · ");
    void tell(ring.thing.title || t("alarms-untitled"), { body, tag: `office-alarm-${ring.key}`, ...(branding.icon ? { icon: branding.icon } : {}) });
  }

  /** It rings no more, here and in other programs. */
  done(ring: Ring): Promise<void> {
    return this.#silence(ring, Infinity);
  }

  /** It rings again then, here; other programs are silent from now on. */
  putOff(ring: Ring, until: number): Promise<void> {
    return this.#silence(ring, until);
  }

  async #silence(ring: Ring, until: number): Promise<void> {
    this.#silent.set(ring.key, until);
    this.#keep();
    this.#ring();
    // Where one may not write, or the store is away, this browser knows it.
    await seen(ring, new Date()).catch(() => false);
  }

  /** Takes what this browser keeps, as another window may have kept it last. */
  #take(key = this.#key): void {
    this.#key = key;
    for (const [ring, until] of kept(key)) this.#silent.set(ring, until);
  }

  /** Ids and times, and nothing of what it is. */
  #keep(): void {
    if (!this.#key) return;
    try {
      const all = [...this.#silent].map(([key, until]) => [key, until === Infinity ? null : until]);
      localStorage.setItem(this.#key, JSON.stringify(all.slice(-200)));
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
  }
}

function kept(key: string): [string, number][] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    if (!Array.isArray(found)) return [];
    return found.flatMap((it: unknown): [string, number][] => {
      const [key, until] = Array.isArray(it) ? (it as unknown[]) : [];
      return typeof key !== "string" ? [] : until === null ? [[key, Infinity]] : typeof until === "number" ? [[key, until]] : [];
    });
  } catch {
    return [];
  }
}

export const alarms = new Alarms();
