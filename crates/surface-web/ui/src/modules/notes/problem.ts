// What went wrong, in words that help.

import { t } from "../../lib/i18n.svelte";
import { problemIn } from "../../lib/jmap/problem";
import { Refused } from "../../lib/jmap/types";

export const problem = problemIn("notes");

/** Of a notebook that is removed: one may do that where it is offered, unless there is more in it than notes. */
export function problemOfBook(error: unknown): string {
  return error instanceof Refused && error.error.type === "forbidden" ? t("notes-problem-others") : problem(error);
}
