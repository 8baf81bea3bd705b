// What went wrong, in words that help.

import { t } from "../../lib/i18n.svelte";
import { problemIn } from "../../lib/jmap/problem";
import { NoRule, NotEnded } from "./following";

const others = problemIn("calendar");

export function problem(error: unknown): string {
  if (error instanceof NoRule) return t("calendar-problem-no-rule");
  if (error instanceof NotEnded) return t(error.isDoubled ? "calendar-problem-doubled" : "calendar-problem-not-ended");
  return others(error);
}
