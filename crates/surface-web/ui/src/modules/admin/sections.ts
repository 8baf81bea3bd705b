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
  { id: "look", icon: "palette", load: () => import("./institution/Look.svelte") },
  { id: "tools", icon: "list-filter", load: () => import("./institution/Tools.svelte") },
  { id: "changes", icon: "undo-2", load: () => import("./institution/Changes.svelte") },
  { id: "health", icon: "shield", load: () => import("./fares/Health.svelte") },
  { id: "usage", icon: "chart-column", load: () => import("./fares/Usage.svelte") },
  { id: "clients", icon: "code", load: () => import("./clients/Clients.svelte") },
];
