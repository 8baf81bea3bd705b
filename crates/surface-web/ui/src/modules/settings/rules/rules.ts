// Rules that sort mail, as the page has them, and as Sieve (RFC 5228) has them: once as one comment in JSON, from which they are read back,
// and once as what does it. A script is ours for as long as writing it again gives the same text.

import { isAddress } from "../../mail/compose/addresses";

/** The one script of the office's own. */
export const NAME = "Passerelle rules";
/** More rules than anybody keeps an eye on. */
export const MOST_RULES = 100;

export const FIELDS = ["from", "to", "subject", "list", "size"] as const;
export type Field = (typeof FIELDS)[number];
export const ACTIONS = ["move", "copy", "seen", "flag", "forward", "discard"] as const;
export type ActionKind = (typeof ACTIONS)[number];

export interface Condition {
  field: Field;
  /** What the field contains; of a size more than so many MB. */
  value: string;
}

export interface Action {
  kind: ActionKind;
  /** The mailbox by its whole name, or the address; else nothing. */
  value: string;
}

export interface Rule {
  name: string;
  /** Whether one condition is enough. */
  any: boolean;
  conditions: Condition[];
  actions: Action[];
  /** Whether no rule after it is looked at. */
  stop: boolean;
}

/** What is wrong with a rule, by a message of the page's. */
export type Wrong = "filters-wrong-condition" | "filters-wrong-size" | "filters-wrong-action" | "filters-wrong-mailbox" | "filters-wrong-address" | "filters-wrong-discard" | "filters-wrong-power";

const MARK = "# Passerelle rules: ";
/** The extension that an action needs. */
const POWERS: Record<ActionKind, readonly string[]> = {
  move: ["fileinto"], copy: ["fileinto", "copy"], seen: ["imap4flags"], flag: ["imap4flags"], forward: ["copy"], discard: [],
};
/** What is marked is marked before it is filed, and what is thrown away has been forwarded. */
const ORDER: readonly ActionKind[] = ["seen", "flag", "copy", "forward", "move", "discard"];

export function empty(): Rule {
  return { name: "", any: false, conditions: [{ field: "from", value: "" }], actions: [{ kind: "move", value: "" }], stop: true };
}

/** What keeps a rule from being kept, on a store that has these mailboxes and extensions. */
export function wrongWith(rule: Rule, mailboxes: ReadonlySet<string>, extensions: ReadonlySet<string>): Wrong | null {
  if (rule.conditions.length === 0 || rule.conditions.some((it) => !it.value.trim())) return "filters-wrong-condition";
  if (rule.conditions.some((it) => it.field === "size" && megabytes(it.value) === null)) return "filters-wrong-size";
  if (rule.actions.length === 0 && !rule.stop) return "filters-wrong-action";
  if (rule.actions.some((it) => POWERS[it.kind].some((power) => !extensions.has(power)))) return "filters-wrong-power";
  if (rule.actions.some((it) => (it.kind === "move" || it.kind === "copy") && !mailboxes.has(it.value))) return "filters-wrong-mailbox";
  if (rule.actions.some((it) => it.kind === "forward" && !isAddress(it.value.trim()))) return "filters-wrong-address";
  if (rule.actions.some((it) => it.kind === "discard") && rule.actions.some((it) => ["move", "copy"].includes(it.kind))) return "filters-wrong-discard";
  return null;
}

export interface Written {
  text: string;
  /** The number of each rule's first line, counted from 1. */
  lines: number[];
}

/** The script; its lines end with CRLF, as a store keeps them. */
export function write(rules: readonly Rule[]): Written {
  const kinds = rules.flatMap((rule) => rule.actions.map((it) => it.kind));
  const powers = [...new Set(kinds.flatMap((kind) => POWERS[kind]))].sort();
  const lines = ["# Rules of the web office. What is changed here by hand is no longer shown there as rules.", `${MARK}${JSON.stringify(rules)}`];
  if (powers.length > 0) lines.push(`require [${powers.map(quoted).join(", ")}];`);
  const starts = rules.map((rule) => {
    lines.push("");
    const start = lines.length + 1;
    lines.push(...written(rule));
    return start;
  });
  return { text: `${lines.join("\r\n")}\r\n`, lines: starts };
}

function written(rule: Rule): string[] {
  const tests = rule.conditions.map(test);
  const head = tests.length === 1 ? `if ${tests[0]} {` : `if ${rule.any ? "anyof" : "allof"} (${tests.join(", ")}) {`;
  const actions = [...rule.actions].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)).map(command);
  return [`# ${plain(rule.name)}`.trimEnd(), head, ...actions.map((it) => `  ${it}`), ...(rule.stop ? ["  stop;"] : []), "}"];
}

function test({ field, value }: Condition): string {
  const text = quoted(value.trim());
  switch (field) {
    case "from":
      return `header :contains "from" ${text}`;
    case "to":
      return `header :contains ["to", "cc"] ${text}`;
    case "subject":
      return `header :contains "subject" ${text}`;
    case "list":
      return `header :contains ["list-id", "list-post"] ${text}`;
    case "size":
      return `size :over ${Math.round((megabytes(value) ?? 0) * 1024)}K`;
  }
}

function command({ kind, value }: Action): string {
  switch (kind) {
    case "move":
      return `fileinto ${quoted(value)};`;
    case "copy":
      return `fileinto :copy ${quoted(value)};`;
    case "seen":
      return 'addflag "\\\\Seen";';
    case "flag":
      return 'addflag "\\\\Flagged";';
    case "forward":
      return `redirect :copy ${quoted(value.trim())};`;
    case "discard":
      return "discard;";
  }
}

/** `quoted-string` (RFC 5228 §2.4.2); a line of it is one line. */
function quoted(text: string): string {
  return `"${plain(text).replace(/["\\]/g, "\\$&")}"`;
}

function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function megabytes(text: string): number | null {
  const number = Number(text.trim().replace(",", "."));
  return number > 0 && number <= 10_000 ? number : null;
}

/** The rules of a script of ours; `null` where it is none, or was changed by hand. */
export function read(text: string): Rule[] | null {
  const line = text.split(/\r?\n/).find((it) => it.startsWith(MARK));
  if (line === undefined) return null;
  try {
    const rules = JSON.parse(line.slice(MARK.length)) as Rule[];
    return write(rules).text === text ? rules : null;
  } catch {
    return null;
  }
}

/** Whether two lists do the same, and read the same. */
export function isSame(one: readonly Rule[], other: readonly Rule[]): boolean {
  return write(one).text === write(other).text;
}

/** The rule whose line a compiler complains of (`line 7: error: ...`); `null` where it names none. */
export function blamed(complaint: string, { lines }: Written): number | null {
  const line = Number(/\bline (\d+)/.exec(complaint)?.[1] ?? Number.NaN);
  const at = lines.findLastIndex((start) => start <= line);
  return at >= 0 ? at : null;
}
