// What went wrong, in words that help.

import { problemIn } from "../../lib/jmap/problem";
import { Refused } from "../../lib/jmap/types";
import { t } from "../../lib/i18n.svelte";
import { Clash, Unfollowed } from "./tasks.svelte";

const inJmap = problemIn("tasks");

/** Of a list that is removed: one may do that where it is offered, unless there is more in it than tasks. */
export function problemOfList(error: unknown): string {
  return error instanceof Refused && error.error.type === "forbidden" ? t("tasks-problem-events") : problem(error);
}

export function problem(error: unknown): string {
  if (error instanceof Clash) return t("tasks-problem-clash");
  return error instanceof Unfollowed ? t("tasks-problem-repeats") : inJmap(error);
}
