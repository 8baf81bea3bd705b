// The sections of the console: one line for each. Each is a chunk of its own, fetched when it is opened.

import type { Component } from "svelte";
import type { IconName } from "../../lib/ui/icons";

export interface Section {
  /** Its place in addresses, `#/admin/<id>`, and the message with its name: `admin-<id>`. */
  id: string;
  icon: IconName;
  load: () => Promise<{ default: Component }>;
}

export const SECTIONS: readonly Section[] = [
  { id: "accounts", icon: "user", load: () => import("./accounts/Accounts.svelte") },
  { id: "groups", icon: "users", load: () => import("./groups/Groups.svelte") },
  { id: "import", icon: "upload", load: () => import("./import/Import.svelte") },
  { id: "trail", icon: "history", load: () => import("./trail/Trail.svelte") },
  { id: "clients", icon: "code", load: () => import("./clients/Clients.svelte") },
];
