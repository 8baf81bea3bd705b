// What there is in the office: one line for each module. Each is a chunk of its own, fetched when it is opened.

import type { Component } from "svelte";
import { i18n } from "../lib/i18n.svelte";
import type { IconName } from "../lib/ui/icons";
import type { Me } from "../lib/api/me.svelte";

export interface Module {
  /** Its place in addresses, its file of texts, and the message with its name: `module-<id>`. */
  id: string;
  icon: IconName;
  /** After `g`. */
  key: string;
  /** The tool of the institution that it is; left out, everybody has it. */
  tool?: string;
  /** Who sees it. */
  isFor?: (me: Me | null) => boolean;
  /** Whether the search box looks through it: its place `search?q=`. */
  searches?: boolean;
  load: () => Promise<{ default: Component }>;
}

export const MODULES: readonly Module[] = [
  { id: "mail", icon: "mail", key: "m", tool: "mail", searches: true, load: () => import("./mail/Mail.svelte") },
  {
    id: "files", icon: "folder", key: "f", tool: "files", searches: true,
    load: async () => (await Promise.all([import("./files/Files.svelte"), i18n.open("share")]))[0],
  },
  {
    id: "calendar", icon: "calendar", key: "l", tool: "calendars", isFor: (me) => me?.hasCalendars === true,
    load: async () => (await Promise.all([import("./calendar/Calendar.svelte"), i18n.open("meeting")]))[0],
  },
  {
    id: "contacts", icon: "contact", key: "c", tool: "contacts", isFor: (me) => me?.hasContacts === true, searches: true,
    load: () => import("./contacts/Contacts.svelte"),
  },
  {
    id: "tasks", icon: "list-checks", key: "t", tool: "calendars", isFor: (me) => me?.hasCalendars === true, searches: true,
    // Rules and alarms are said in the calendar's words.
    load: async () => (await Promise.all([import("./tasks/Tasks.svelte"), i18n.open("calendar")]))[0],
  },
  {
    id: "notes", icon: "notebook-pen", key: "n", tool: "calendars", isFor: (me) => me?.hasCalendars === true, searches: true,
    load: () => import("./notes/Notes.svelte"),
  },
  { id: "settings", icon: "settings", key: "s", load: () => import("./settings/Settings.svelte") },
  {
    id: "admin", icon: "shield", key: "a", isFor: (me) => me?.administers === true,
    load: () => import("./admin/Admin.svelte"),
  },
];
