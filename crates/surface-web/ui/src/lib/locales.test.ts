// Every message stands in every language, with the same arguments, once, and is used.

import { FluentBundle, FluentResource } from "@fluent/bundle";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LANGUAGES } from "./i18n.svelte";

const FOLDER = join(import.meta.dirname, "../locales");
const MODULES = ["shell", "mail", "files", "settings", "calendar", "meeting", "tasks", "notes", "contacts", "share", "exchange", "admin", "pdf", "alarms"];
const read = (language: string, module: string) => readFileSync(join(FOLDER, language, `${module}.ftl`), "utf8");

/** Each message with the names of its arguments. */
function messages(language: string, module: string): Map<string, string> {
  const text = read(language, module);
  const found = new Map<string, string>();
  for (const entry of text.split(/^(?=[a-z])/m)) {
    const id = /^([a-z0-9-]+) *=/.exec(entry)?.[1];
    if (!id) continue;
    expect(found.has(id), `${language}/${module}: ${id} stands once`).toBe(false);
    found.set(id, [...new Set(entry.match(/\$[a-zA-Z]+/g) ?? [])].sort().join(" "));
  }
  return found;
}

describe("the texts", () => {
  it("are there in each language", () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(LANGUAGES).sort());
  });

  for (const language of Object.keys(LANGUAGES)) {
    it(`are whole in ${language}`, () => {
      const bundle = new FluentBundle(language);
      for (const module of MODULES) {
        const [own, english] = [messages(language, module), messages("en", module)];
        expect([...own.keys()].sort(), module).toEqual([...english.keys()].sort());
        for (const [id, args] of english) expect(`${id}: ${own.get(id)}`, module).toBe(`${id}: ${args}`);
        // A message of two modules would be overwritten by whichever comes later.
        expect(bundle.addResource(new FluentResource(read(language, module))), module).toEqual([]);
      }
    });
  }

  it("have the words that the code asks for", () => {
    const known = new Set(MODULES.flatMap((module) => [...messages("en", module).keys()]));
    const root = join(FOLDER, "..");
    const missing = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith(".test.ts"))
      .flatMap((name) => [...readFileSync(join(root, name), "utf8").matchAll(/\bt\("([a-z0-9-]+)"|label: "([a-z0-9-]+)"/g)])
      .map((found) => found[1] ?? found[2] ?? "")
      .filter((id) => !known.has(id));
    expect(missing).toEqual([]);
  });
});
