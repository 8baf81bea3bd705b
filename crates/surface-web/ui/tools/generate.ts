// What is put together before a build: the sprite of icons, and for each language the texts that the first view needs in
// one file, so that the start costs one request.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ICONS } from "../src/lib/ui/icons.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const OUT = join(ROOT, "generated");
/** The modules whose texts come with the shell's. */
const FIRST = ["shell", "mail"];

export function generate(): void {
  mkdirSync(join(OUT, "first"), { recursive: true });
  write("icons.svg", sprite());
  for (const language of readdirSync(join(ROOT, "src/locales"))) {
    const texts = FIRST.map((module) => readFileSync(join(ROOT, "src/locales", language, `${module}.ftl`), "utf8"));
    write(join("first", `${language}.ftl`), texts.join("\n"));
  }
}

/** Icons by Lucide (ISC licence), each a symbol. */
function sprite(): string {
  const symbols = ICONS.map((name) => {
    const file = readFileSync(join(ROOT, "node_modules/lucide-static/icons", `${name}.svg`), "utf8");
    const shapes = file
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/\s*\n\s*/g, "");
    return (
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" ` +
      `stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

/** Leaves a file alone that has this text already: a builder that watches would begin again. */
function write(name: string, text: string): void {
  const path = join(OUT, name);
  let there = "";
  try {
    there = readFileSync(path, "utf8");
  } catch {
    // Not there yet.
  }
  if (there !== text) writeFileSync(path, text);
}
