// The viewer of PDFs with its words: a chunk of its own, fetched when the first PDF is opened.

import type { Component } from "svelte";
import { i18n } from "../i18n.svelte";

export async function viewer(): Promise<Component<{ address: string; name: string }>> {
  const [loaded] = await Promise.all([import("./Viewer.svelte"), i18n.open("pdf")]);
  return loaded.default;
}
