// What went wrong, in words that help.

import { t } from "../../lib/i18n.svelte";
import { JmapError } from "../../lib/jmap/client";
import { problemIn } from "../../lib/jmap/problem";
import { Refused } from "../../lib/jmap/types";

export const problem = problemIn("notes");

/** What may go well a little later; who is told no any other way says when it is tried again. */
export const passes = (error: unknown): boolean => error instanceof JmapError && ["offline", "serverUnavailable", "rateLimit"].includes(error.type);

export const isMissing = (error: unknown): boolean => error instanceof Refused && error.error.type === "notFound";

/** Of a notebook that is removed: one may do that where it is offered, unless there is more in it than notes. */
export function problemOfBook(error: unknown): string {
  return error instanceof Refused && error.error.type === "forbidden" ? t("notes-problem-others") : problem(error);
}
