// The task lists that one has and that others share, with their tasks.

import { JmapError } from "../../lib/jmap/client";
import { jmap } from "../../lib/jmap/office";
import { ownerOf, places } from "../../lib/jmap/places";
import { removals } from "../../lib/jmap/removals.svelte";
import { Refused, type Arguments, type GetAnswer, type Id, type QueryAnswer, type SetAnswer } from "../../lib/jmap/types";
import { looks } from "../../lib/looks";
import { fromLocal, local, localDate } from "../calendar/time";
import { changes, clashes, draftOf, made, type Draft } from "./draft";
import { following, shifted } from "./next";
import { below } from "./order";
import { done, isOver, keyOf, parentOf, placed, relatedWith, standing, UNDONE, type Placed, type Task } from "./task";

const TASKS = "urn:ietf:params:jmap:tasks";
/** Most tasks that are asked for at once. */
const MOST = 500;
/** How often a change is tried again that another one came before. */
const TRIES = 4;
const LISTED = [
  "id", "uid", "taskListId", "title", "description", "start", "due", "timeZone", "showWithoutTime", "priority", "progress", "progressUpdated", "percentComplete", "keywords",
  "relatedTo", "recurrenceRules", "recurrenceOverrides", "privacy",
];
/** What a form asks for beside that. */
const WHOLE = [...LISTED, "alerts", "links"];

export interface TaskList {
  id: Id;
  name: string;
  description: string | null;
  color: string | null;
  sortOrder: number;
  myRights: { mayReadItems: boolean; mayWriteAll: boolean; mayAdmin: boolean; mayDelete: boolean };
}

/** A list with whose it is. */
export interface Held {
  account: Id;
  /** Whose; empty for one's own. */
  owner: string;
  list: TaskList;
}

/** Another program has changed meanwhile what one was changing. */
export class Clash extends Error {
  constructor(
    readonly there: Draft,
    readonly names: readonly (keyof Draft)[],
  ) {
    super("changed meanwhile");
  }
}

/** It repeats by a rule that is not followed here: when it is to be done next is not known. */
export class Unfollowed extends Error {}

export const keyOfList = (held: Held): string => `${held.account}/${held.list.id}`;

/** Changes by the ids of what is changed. */
type Patches = Record<Id, Arguments>;

class Tasks {
  #lists = $state.raw<readonly Held[]>([]);
  #tasks = $state.raw<readonly Placed[]>([]);
  #round = 0;
  /** What ids have become by a move, so that what is open or can be undone is found. */
  #became = new Map<Id, Id>();
  /** How many changes are under way: what is looked at in between is older than what is seen. */
  #writes = 0;
  /** They are made one after the other: what one does last is what stands. */
  #last: Promise<unknown> = Promise.resolve();
  failed = $state(false);
  loaded = $state(false);

  /** Without what was removed and can still be had back. */
  readonly lists = $derived(this.#lists.filter((it) => !removals.isHidden(it.account, it.list.id)));
  readonly all = $derived.by(() => {
    const there = new Set(this.lists.map(keyOfList));
    return this.#tasks.filter((it) => there.has(`${it.account}/${it.list}`) && !removals.isHidden(it.account, it.task.id));
  });
  /** What is left to do. */
  readonly open = $derived(this.all.filter((it) => !isOver(it)));
  /** Those that one may write in, one's own first. */
  readonly writable = $derived(this.lists.filter((it) => it.list.myRights.mayWriteAll).sort((a, b) => Number(a.owner !== "") - Number(b.owner !== "")));

  listOf({ account, list }: { account: Id; list: Id }): Held | undefined {
    return this.lists.find((it) => it.account === account && it.list.id === list);
  }

  /** What is private in somebody else's list is told of by nothing but when it is, and is not written over. */
  mayWrite(it: Placed): boolean {
    const held = this.listOf(it);
    return held?.list.myRights.mayWriteAll === true && !this.isHidden(it);
  }

  isHidden(it: Placed): boolean {
    return Boolean(this.listOf(it)?.owner) && ["private", "secret"].includes(it.task.privacy ?? "");
  }

  /** Looks again. */
  readonly load = looks(() => this.#look());

  async #look(): Promise<void> {
    if (this.#writes > 0) return;
    const round = ++this.#round;
    try {
      const where = await places(TASKS);
      const { accounts } = where;
      const found = await Promise.allSettled(accounts.map(look));
      if (round !== this.#round) return;
      // Somebody else's store that is down keeps nobody from their own.
      const own = found[0];
      if (own?.status === "rejected") throw own.reason;
      const all = found.flatMap((it, at) => (it.status === "fulfilled" ? [{ account: accounts[at] as Id, ...it.value }] : []));
      this.#lists = all.flatMap(({ account, lists }) => {
        const owner = ownerOf(where, account);
        return [...lists].sort((a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name)).map((list) => ({ account, owner, list }));
      });
      this.#tasks = all.flatMap(({ account, tasks }) => tasks.map((task) => placed(account, task)));
      this.failed = false;
      this.loaded = true;
    } catch {
      if (round === this.#round) this.failed = true;
    }
  }

  /** All that a task says, with the state that it is of. */
  async whole(account: Id, id: Id): Promise<{ it: Placed; state: string }> {
    // What is being written is read once it is there.
    await this.#last;
    const { list, state } = await jmap.call<GetAnswer<Task>>("Task/get", { accountId: account, ids: [this.#now(id)], properties: WHOLE });
    const [task] = list;
    if (!task) throw new Refused({ type: "notFound" });
    return { it: placed(account, task), state };
  }

  /** Makes a task; its id. */
  async make(draft: Draft): Promise<Id> {
    const answer = await jmap.call<SetAnswer>("Task/set", { accountId: draft.account, create: { t: made(draft, new Date()) } });
    refuse(answer.notCreated?.["t"]);
    // It is there: the next one can be typed while one looks.
    void this.load();
    return String(answer.created?.["t"]?.id ?? "");
  }

  /**
   * Changes a task to what a form says now; its id from then on.
   *
   * What another program has changed meanwhile is a `Clash` where it is the same thing, unless one insists.
   */
  async change(opened: Id, before: Draft, after: Draft, insists = false): Promise<Id> {
    for (let tries = 1; ; tries += 1) {
      const { it, state } = await this.whole(before.account, opened);
      const { id } = it.task;
      const there = draftOf(it);
      const names = clashes(before, after, there);
      if (names.length > 0 && !insists) throw new Clash(there, names);
      const patches: Patches = { [id]: changes(before, after, it.task, new Date()) };
      // What is a part of it goes with it.
      if (before.list !== after.list) for (const part of below(it, this.#tasks)) patches[part.task.id] = { taskListId: after.list };
      try {
        const now = await this.#set(before.account, patches, state);
        return now[id] ?? id;
      } catch (error) {
        if (!(error instanceof JmapError && error.type === "stateMismatch") || tries >= TRIES) throw error;
      }
    }
  }

  /** Whether it is there again when it is done. */
  comesAgain(it: Placed): boolean {
    return again(it) !== null;
  }

  /** What is done along with it: all that is a part of it, unless it comes again. */
  partsOf(it: Placed): Placed[] {
    return this.comesAgain(it) ? [] : below(it, this.open).filter((part) => this.mayWrite(part));
  }

  /** Does it with its parts; what comes back makes them what they were. */
  async finish(it: Placed, now: Date): Promise<() => Promise<void>> {
    const next = again(it);
    if (next === "kept") throw new Unfollowed();
    return this.#turn([{ it, patch: next ?? done(now) }, ...this.partsOf(it).map((part) => ({ it: part, patch: done(now) }))]);
  }

  /** Is to be done again. */
  reopen(it: Placed): Promise<() => Promise<void>> {
    return this.#turn([{ it, patch: UNDONE }]);
  }

  async #turn(patches: readonly { it: Placed; patch: Partial<Task> }[]): Promise<() => Promise<void>> {
    const back = patches.map(({ it, patch }) => ({ it, patch: { ...standing(it), ...was(it, patch) } }));
    await this.#write(patches);
    return () => this.#write(back);
  }

  /** Is seen at once, and written then. */
  async #write(patches: readonly { it: Placed; patch: Partial<Task> }[]): Promise<void> {
    const byKey = new Map(patches.map(({ it, patch }) => [keyOf(it), patch]));
    this.#tasks = this.#tasks.map((it) => {
      const patch = byKey.get(keyOf(it));
      return patch ? placed(it.account, { ...it.task, ...patch }) : it;
    });
    const accounts = [...new Set(patches.map(({ it }) => it.account))];
    try {
      for (const account of accounts) {
        const own = patches.filter(({ it }) => it.account === account);
        await this.#set(account, Object.fromEntries(own.map(({ it, patch }) => [this.#now(it.task.id), patch as Arguments])));
      }
    } catch (error) {
      await this.load();
      throw error;
    }
  }

  /** Makes it a part of another one, or of none, in the list of that one; what comes back takes it back. */
  async moveUnder(it: Placed, parent: Placed | null, list = parent?.list ?? it.list): Promise<() => Promise<void>> {
    const { it: now } = await this.whole(it.account, it.task.id);
    const moved = [it, ...(list === it.list ? [] : below(it, this.#tasks))];
    const relatedTo = relatedWith(now.task.relatedTo, parent?.task.uid ?? null);
    const move = async (to: (one: Placed) => Id, related: unknown): Promise<void> => {
      const patch = (one: Placed, at: number): Arguments => ({ ...(list !== it.list && { taskListId: to(one) }), ...(at === 0 && { relatedTo: related }) });
      await this.#set(it.account, Object.fromEntries(moved.map((one, at) => [this.#now(one.task.id), patch(one, at)])));
    };
    await move(() => list, relatedTo);
    return () => move((one) => one.list, now.task.relatedTo ?? null);
  }

  /** Moves it with its parts to another list of the same account, where it is a part of nothing. */
  moveTo(it: Placed, list: Id): Promise<() => Promise<void>> {
    return this.moveUnder(it, null, list);
  }

  /** Writes changes; the ids that are others from then on. */
  async #set(accountId: Id, update: Patches, ifInState?: string): Promise<Record<Id, Id>> {
    this.#round += 1;
    this.#writes += 1;
    const set = this.#last.then(() => jmap.call<SetAnswer>("Task/set", { accountId, update, ...(ifInState !== undefined && { ifInState }) }));
    this.#last = set.catch(() => undefined);
    try {
      const answer = await set;
      const became = Object.entries(answer.updated ?? {}).flatMap(([id, now]): [Id, Id][] => (now?.["id"] ? [[id, String(now["id"])]] : []));
      for (const [id, now] of became) {
        this.#became.delete(now);
        this.#became.set(id, now);
      }
      refuse(Object.values(answer.notUpdated ?? {})[0]);
      return Object.fromEntries(became);
    } finally {
      this.#writes -= 1;
      await this.load();
    }
  }

  /** The id that a task has by now. */
  #now(id: Id): Id {
    const now = this.#became.get(id);
    return now === undefined ? id : this.#now(now);
  }

  async makeList(name: string, color: string): Promise<void> {
    const accountId = (await jmap.session()).primaryAccounts[TASKS];
    const answer = await jmap.call<SetAnswer>("TaskList/set", { accountId, create: { l: { name, color } } });
    refuse(answer.notCreated?.["l"]);
    await this.load();
  }

  async changeList({ account, list }: Held, name: string, color: string): Promise<void> {
    const answer = await jmap.call<SetAnswer>("TaskList/set", { accountId: account, update: { [list.id]: { name, color } } });
    refuse(answer.notUpdated?.[list.id]);
    await this.load();
  }
}

/** What repeats is not over when it is done once: it is what it is the next time, on the walls of its own zone. Nothing for what is over then. */
function again({ task, isTimed }: Placed): Partial<Task> | null | "kept" {
  const [start, due] = [fromLocal(task.start ?? ""), fromLocal(task.due ?? "")];
  const [rule] = task.recurrenceRules ?? [];
  const text = (at: Date): string => (isTimed ? local(at) : `${localDate(at)}T00:00:00`);
  let next = rule && start ? following(rule, start) : null;
  // A time that was called off is passed over.
  while (next && next !== "kept" && task.recurrenceOverrides?.[text(next.start)]?.["excluded"]) next = following(next.rule, next.start);
  if (next === "kept") return next;
  if (!next || !start) return null;
  const times = { start: text(next.start), ...(due && { due: text(shifted(due, start, next.start)) }) };
  return { ...UNDONE, ...times, recurrenceRules: [next.rule] };
}

/** What it was of what a patch changes. */
function was({ task }: Placed, patch: Partial<Task>): Partial<Task> {
  return Object.fromEntries(Object.keys(patch).filter((it) => it in task).map((it) => [it, task[it as keyof Task]]));
}

function refuse(error: Refused["error"] | undefined): void {
  if (error) throw new Refused(error);
}

/** One account, in one request unless it has many tasks. */
async function look(accountId: Id): Promise<{ lists: TaskList[]; tasks: Task[] }> {
  const lists = jmap.call<GetAnswer<TaskList>>("TaskList/get", { accountId, ids: null, properties: ["id", "name", "description", "color", "sortOrder", "myRights"] });
  const [{ list }, tasks] = await Promise.all([lists, all(accountId)]);
  return { lists: list, tasks };
}

async function all(accountId: Id): Promise<Task[]> {
  const tasks: Task[] = [];
  for (let isMore = true; isMore; ) {
    const query = jmap.call<QueryAnswer>("Task/query", { accountId, position: tasks.length, limit: MOST });
    const get = jmap.call<GetAnswer<Task>>("Task/get", { accountId, "#ids": jmap.from(query, "/ids"), properties: LISTED });
    const [{ ids }, { list }] = await Promise.all([query, get]);
    tasks.push(...list);
    isMore = ids.length === MOST;
  }
  return tasks;
}

/** Those that it can become a part of: of its list, but for itself and its own parts. */
export function parentsFor(it: Placed, all: readonly Placed[]): Placed[] {
  const own = new Set([keyOf(it), ...below(it, all).map(keyOf)]);
  return all.filter((other) => other.account === it.account && other.list === it.list && !own.has(keyOf(other)) && (!isOver(other) || other.task.uid === parentOf(it)));
}

export const tasks = new Tasks();
