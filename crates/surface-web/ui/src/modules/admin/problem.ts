// Why something of the console did not work, in words.

import { ApiError } from "../../lib/api/client";
import { t } from "../../lib/i18n.svelte";

export function problem(error: unknown): string {
  if (error instanceof ApiError && error.title) return error.detail ? `${error.title} ${error.detail}` : error.title;
  return t("admin-away");
}
