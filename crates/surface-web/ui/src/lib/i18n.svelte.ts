// The words, by Fluent: one file for a language and a module, fetched when they are needed and never part of the code.

import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { preferences } from "./preferences.svelte";

const ADDRESSES = import.meta.glob<string>(
  ["../locales/*/*.ftl", "!../locales/*/shell.ftl", "!../locales/*/mail.ftl", "../../generated/first/*.ftl"],
  { query: "?url", import: "default", eager: true },
);
/** What comes with the start. */
const FIRST = new Set(["shell", "mail"]);
const RIGHT_TO_LEFT = new Set(["ar"]);

/** The languages there are, each by its own name. */
export const LANGUAGES: Readonly<Record<string, string>> = {
  fr: "Français",
  en: "English",
  nl: "Nederlands",
  de: "Deutsch",
  es: "Español",
  it: "Italiano",
  pt: "Português",
  ar: "العربية",
};

export type Arguments = Record<string, FluentVariable>;

class I18n {
  language = $state("en");
  #bundle = $state.raw(new FluentBundle("en"));
  #modules = new Set<string>();

  /** Of the languages that the institution offers (all, when it names none): the one that was chosen, else the browser's. */
  choose(offered: readonly string[]): string {
    const known = Object.keys(LANGUAGES).filter((it) => offered.length === 0 || offered.includes(it));
    const wanted = [preferences.language, ...navigator.languages.map((it) => it.slice(0, 2))];
    return wanted.find((it) => known.includes(it)) ?? known.find((it) => it === offered[0]) ?? known[0] ?? "en";
  }

  /** Changes to a language, with the texts of all modules that were opened. */
  async use(language: string): Promise<void> {
    const bundle = new FluentBundle(language);
    await add(bundle, `../../generated/first/${language}.ftl`);
    await Promise.all([...this.#modules].map((module) => add(bundle, `../locales/${language}/${module}.ftl`)));
    this.#bundle = bundle;
    this.language = language;
    document.documentElement.lang = language;
    document.documentElement.dir = this.direction;
  }

  /** Fetches what a module says, once. */
  async open(module: string): Promise<void> {
    if (FIRST.has(module) || this.#modules.has(module)) return;
    await add(this.#bundle, `../locales/${this.language}/${module}.ftl`);
    this.#modules.add(module);
  }

  /** A message; its key where there is none, so that a fault shows. */
  say(key: string, args?: Arguments): string {
    const message = this.#bundle.getMessage(key);
    return message?.value ? this.#bundle.formatPattern(message.value, args) : key;
  }

  get direction(): "ltr" | "rtl" {
    return RIGHT_TO_LEFT.has(this.language) ? "rtl" : "ltr";
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.language).format(value);
  }

  /** A size in octets, as people read it. */
  size(octets: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
    const step = Math.min(units.length - 1, octets < 1 ? 0 : Math.floor(Math.log10(octets) / 3));
    const format = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 } as const;
    return new Intl.NumberFormat(this.language, format).format(octets / 1000 ** step);
  }
}

async function add(bundle: FluentBundle, path: string): Promise<void> {
  const address = ADDRESSES[path];
  if (!address) return;
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} from ${address}`);
  const faults = bundle.addResource(new FluentResource(await response.text()));
  for (const fault of faults) console.warn(path, fault);
}

export const i18n = new I18n();
export const t = (key: string, args?: Arguments): string => i18n.say(key, args);
