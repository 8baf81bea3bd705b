// Why something with files did not work, in words.

import { ApiError } from "../../lib/api/client";
import { DavError } from "../../lib/dav/client";
import { t } from "../../lib/i18n.svelte";

export function problem(error: unknown): string {
  if (error instanceof ApiError && error.title) return error.detail ? `${error.title} ${error.detail}` : error.title;
  return said(error instanceof DavError ? error.status : 0);
}

export function said(status: number): string {
  if (status === 403) return t("files-problem-forbidden");
  if (status === 404 || status === 409) return t("files-problem-gone");
  if (status === 405 || status === 412) return t("files-problem-taken");
  if (status === 413) return t("files-problem-large");
  if (status === 423) return t("files-problem-locked");
  if (status === 507) return t("files-problem-full");
  return t("files-problem-away");
}
