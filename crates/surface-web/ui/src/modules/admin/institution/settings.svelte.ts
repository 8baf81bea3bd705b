// What may be changed of the institution at run time. A change names the last one that is known here, so that nobody overwrites what
// they have not seen: who comes too late sees what it is now, and decides again.

import { api, ApiError } from "../../../lib/api/client";
import { branding } from "../../../lib/branding.svelte";
import { t } from "../../../lib/i18n.svelte";
import { toasts } from "../../../lib/toasts.svelte";

export type Texts = Record<string, string>;
export type Value = string | number | boolean | Texts | unknown[];

export interface Setting {
  name: string;
  label: string;
  value: Value | null;
  isImage: boolean;
  /** The number of the change that set it. */
  changed: number | null;
  /** Only the operator changes it. */
  isFixed: boolean;
}

export interface Answer {
  version: number;
  settings: Setting[];
  images: Record<string, string>;
  largestImage: number;
  longestText: number;
  mostLinks: number;
}

class Settings {
  known = $state.raw<Answer | null>(null);

  async load(): Promise<Answer> {
    return (this.known = await api.get<Answer>("/api/admin/settings"));
  }

  get(name: string): Setting | undefined {
    return this.known?.settings.find((it) => it.name === name);
  }

  /** Changes settings, and has the office show them; `null` is what the operator's file says. */
  async save(settings: Record<string, Value | null>): Promise<void> {
    await this.#do("/api/admin/settings", { settings });
    toasts.show(t("admin-saved"), { seconds: 4 });
  }

  async undo(change: number): Promise<void> {
    await this.#do("/api/admin/settings/undo", { change });
    toasts.show(t("admin-change-undone"), { seconds: 4 });
  }

  async #do(address: string, what: Record<string, unknown>): Promise<void> {
    try {
      await api.post(address, { version: this.known?.version ?? 0, ...what });
    } finally {
      await this.load();
      await branding.load();
    }
  }
}

export const settings = new Settings();

/** Whether somebody else changed something meanwhile. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
