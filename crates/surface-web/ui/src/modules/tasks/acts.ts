// What is done with tasks at once, each with the way back.

import { t } from "../../lib/i18n.svelte";
import { removals } from "../../lib/jmap/removals.svelte";
import type { Id } from "../../lib/jmap/types";
import { toasts } from "../../lib/toasts.svelte";
import { below } from "./order";
import { problem } from "./problem";
import { isOver, type Placed } from "./task";
import { tasks, type Held } from "./tasks.svelte";

export const titleOf = (it: Placed): string => it.task.title || t(tasks.isHidden(it) ? "tasks-private" : "tasks-untitled");

/** Done, or to be done again. */
export async function tick(it: Placed): Promise<void> {
  const title = titleOf(it);
  if (isOver(it)) return undoable(t("tasks-reopened", { title }), () => tasks.reopen(it));
  const parts = tasks.partsOf(it).length;
  const text = parts > 0 ? t("tasks-done-with", { title, count: parts }) : t(tasks.comesAgain(it) ? "tasks-done-again" : "tasks-done", { title });
  return undoable(text, () => tasks.finish(it, new Date()));
}

export function remove(it: Placed): void {
  const parts = below(it, tasks.all);
  const ids = [it, ...parts].map((one) => one.task.id);
  const text = parts.length > 0 ? t("tasks-removed-with", { title: titleOf(it), count: parts.length }) : t("tasks-removed", { title: titleOf(it) });
  removals.remove({ method: "Task/set", account: it.account, ids }, text, () => tasks.load(), problem);
}

/** Makes it a part of another one, or of none. */
export async function moveUnder(it: Placed, parent: Placed | null): Promise<void> {
  const text = parent ? t("tasks-moved-under", { title: titleOf(it), parent: titleOf(parent) }) : t("tasks-moved-out", { title: titleOf(it) });
  await undoable(text, () => tasks.moveUnder(it, parent));
}

export async function moveTo(it: Placed, { list }: Held): Promise<void> {
  await undoable(t("tasks-moved", { title: titleOf(it), list: list.name }), () => tasks.moveTo(it, list.id));
}

/** Whether it can be put there: within one account, and never into itself. */
export function canTake(it: Placed | null, parent: Placed): boolean {
  if (!it || it.account !== parent.account || it.task.id === parent.task.id || !tasks.mayWrite(it) || !tasks.mayWrite(parent)) return false;
  return !below(it, tasks.all).some((one) => one.task.id === parent.task.id);
}

export function canHold(it: Placed | null, account: Id, held: Held): boolean {
  return it !== null && it.account === account && held.list.myRights.mayWriteAll && tasks.mayWrite(it);
}

/** Does it, and says so with the way back. */
async function undoable(text: string, act: () => Promise<() => Promise<void>>): Promise<void> {
  const failed = (error: unknown): void => void toasts.show(problem(error), { kind: "failed" });
  try {
    const back = await act();
    toasts.show(text, { undo: () => back().catch(failed) });
  } catch (error) {
    failed(error);
  }
}
