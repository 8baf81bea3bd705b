// What the settings change of mail, by JMAP.

import { JmapError } from "../../lib/jmap/client";
import { jmap } from "../../lib/jmap/office";
import { t } from "../../lib/i18n.svelte";

export const SUBMISSION = "urn:ietf:params:jmap:submission";
export const VACATION = "urn:ietf:params:jmap:vacationresponse";

interface SetAnswer {
  notUpdated?: Record<string, { type: string; description?: string }> | null;
}

/** Changes one object; why not, in words, or `null` when it is changed. */
export async function changed(kind: string, capability: string, id: string, patch: Record<string, unknown>): Promise<string | null> {
  try {
    const { primaryAccounts } = await jmap.session();
    const answer = await jmap.call<SetAnswer>(`${kind}/set`, { accountId: primaryAccounts[capability], update: { [id]: patch } });
    const refused = answer.notUpdated?.[id];
    return refused ? (refused.description ?? t("settings-refused")) : null;
  } catch (error) {
    return error instanceof JmapError && error.description ? error.description : t("settings-away");
  }
}

/** Which of the two the person's mail has. */
export async function has(capability: string): Promise<boolean> {
  const session = await jmap.session().catch(() => null);
  return Boolean(session?.primaryAccounts[capability]);
}

/** Text as HTML shows it. */
export function asHtml(text: string): string {
  const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? "").replace(/\r?\n/g, "<br>");
}
