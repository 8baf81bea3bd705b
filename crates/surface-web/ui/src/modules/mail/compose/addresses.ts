// Addresses as people type and paste them: `Ada <ada@a.test>, bob@b.test; "Last, First" <c@c.test>` (RFC 5322 §3.4, leniently).

import type { Address } from "../../../lib/jmap/types";

const ONE = /^(?:"((?:[^"\\]|\\.)*)"|([^<>@]*?))\s*<\s*([^<>\s]+)\s*>$/;

/** All addresses, and what could not be read as one. */
export function readAddresses(text: string): { found: Address[]; left: string[] } {
  const found: Address[] = [];
  const left: string[] = [];
  for (const part of split(text)) {
    const match = ONE.exec(part);
    const email = match?.[3] ?? part;
    const name = (match?.[1]?.replace(/\\(.)/g, "$1") ?? match?.[2] ?? "").trim();
    if (isAddress(email)) found.push({ name: name || null, email });
    else left.push(part);
  }
  return { found, left };
}

/** What a store or another server takes is theirs to say; this is only whether it can be one. */
export function isAddress(text: string): boolean {
  return /^[^\s@<>,;:"\\]+@[^\s@<>,;:"\\.]+(\.[^\s@<>,;:"\\.]+)*$/u.test(text) && text.length <= 320;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.email.toLowerCase() === b.email.toLowerCase();
}

/** At commas, semicolons and line ends that stand in no quotes and in no angle brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  let angled = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === "<" && !quoted) angled = true;
    if (character === ">") angled = false;
    if (/[,;\n]/.test(character) && !quoted && !angled) {
      parts.push(part);
      part = "";
    } else part += character;
  }
  return [...parts, part].map((it) => it.trim()).filter(Boolean);
}
