// What somebody chose on this device: language, theme, density, keys. Kept by the browser. Language, theme and density are kept with
// the account besides, and stand in the page: so does a language that was chosen on a page without script.

import { api } from "./api/client";

export type Theme = "system" | "light" | "dark";
/** What is told of new mail: nothing, how much, or who wrote about what. */
export type Notify = "off" | "plain" | "full";
export type Density = "comfortable" | "compact";

interface Kept {
  language: string;
  theme: Theme;
  density: Density;
  keys: boolean;
  undoSeconds: number;
  listWidth: number;
  conversations: boolean;
  notify: Notify;
  alarms: boolean;
  alarmsTold: boolean;
}

const KEY = "office.preferences";
/** What is kept with the account. */
const LOOKS = ["language", "theme", "density"] as const;
const DEFAULTS: Kept = { language: "", theme: "system", density: "comfortable", keys: true, undoSeconds: 10, listWidth: 380, conversations: true, notify: "off", alarms: true, alarmsTold: false };

class Preferences {
  language = $state(DEFAULTS.language);
  theme = $state<Theme>(DEFAULTS.theme);
  density = $state<Density>(DEFAULTS.density);
  /** Whether single letters are commands (WCAG 2.2, 2.1.4). */
  keys = $state(DEFAULTS.keys);
  /** For how long a message that was sent can be taken back. */
  undoSeconds = $state(DEFAULTS.undoSeconds);
  /** Of the list of messages, in pixels. */
  listWidth = $state(DEFAULTS.listWidth);
  /** Whether a mailbox is a list of conversations, or of messages. */
  conversations = $state(DEFAULTS.conversations);
  notify = $state<Notify>(DEFAULTS.notify);
  /** Whether reminders of events and tasks show here, and whether the browser tells them too. */
  alarms = $state(DEFAULTS.alarms);
  alarmsTold = $state(DEFAULTS.alarmsTold);

  constructor() {
    Object.assign(this, read());
    Object.assign(this, looksOfPage());
  }

  /** Keeps a choice, and shows it. */
  set(change: Partial<Kept>): void {
    Object.assign(this, change);
    const { language, theme, density, keys, undoSeconds, listWidth, conversations, notify, alarms, alarmsTold } = this;
    try {
      localStorage.setItem(KEY, JSON.stringify({ language, theme, density, keys, undoSeconds, listWidth, conversations, notify, alarms, alarmsTold }));
    } catch {
      // A browser that keeps nothing: the choice holds until the page is closed.
    }
    if (LOOKS.some((look) => look in change)) {
      // What cannot be kept there now is kept here.
      api.post("/api/looks", { theme, density, ...(language && { language }) }).catch(() => undefined);
    }
    this.apply();
  }

  apply(): void {
    const root = document.documentElement;
    root.dataset.theme = this.theme;
    root.dataset.density = this.density;
  }
}

/** What the server has written into the page. */
function looksOfPage(): Partial<Kept> {
  const { language, theme, density } = globalThis.document?.documentElement.dataset ?? {};
  return { ...(language && { language }), ...(theme && { theme: theme as Theme }), ...(density && { density: density as Density }) };
}

/** Whatever else stands there is left out. */
function read(): Partial<Kept> {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;
    const known = Object.entries(DEFAULTS).filter(([name, value]) => typeof kept[name] === typeof value);
    return Object.fromEntries(known.map(([name]) => [name, kept[name]]));
  } catch {
    return {};
  }
}

export const preferences = new Preferences();
