// Texts by language, between what is saved and what is in fields.

import type { Setting, Texts } from "./settings.svelte";

export function textsOf(setting: Setting | undefined): Texts {
  const value = setting?.value;
  return value && typeof value === "object" && !Array.isArray(value) ? { ...(value as Texts) } : {};
}

/** Without those that are empty. */
export function filled(texts: Texts): Texts {
  const there = Object.entries(texts).map(([language, text]) => [language, text.trim()] as const);
  return Object.fromEntries(there.filter(([, text]) => text !== ""));
}
