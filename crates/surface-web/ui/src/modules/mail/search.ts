// What is typed into the search box, as a filter (RFC 8621 §4.4.1): words, and `from:`, `to:`, `subject:`, `has:attachment`,
// `before:`, `after:`, `is:unread`, `is:flagged`, `in:`; a minus before one says that it must not be so.

import type { Arguments } from "../../lib/jmap/types";

export type Filter = Arguments;

/** What mailboxes a name stands for, for `in:`. */
export type FindMailbox = (name: string) => string | undefined;

const TERM = /(-?)(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/giu;

/** A filter for what was typed; everything for nothing. */
export function filterOf(text: string, findMailbox: FindMailbox = () => undefined): Filter | null {
  const all: Filter[] = [];
  for (const [whole, minus, word, quoted, bare] of text.matchAll(TERM)) {
    const value = quoted ?? bare ?? "";
    const one = (word && value ? condition(word.toLowerCase(), value, findMailbox) : null) ?? { text: word ? whole.replace(/^-/, "") : value };
    all.push(minus ? { operator: "NOT", conditions: [one] } : one);
  }
  if (all.length < 2) return all[0] ?? null;
  return { operator: "AND", conditions: all };
}

/** None when the word is no operator: it is then looked for as it stands. */
function condition(word: string, value: string, findMailbox: FindMailbox): Filter | null {
  switch (word) {
    case "from":
    case "to":
    case "cc":
    case "bcc":
    case "subject":
    case "body":
      return { [word]: value };
    case "before":
    case "after":
      return day(word, value);
    case "has":
      // Stores of IMAP do not search for attachments; a message that has one is nearly always of this type.
      return value === "attachment" ? { header: ["Content-Type", "multipart/mixed"] } : null;
    case "is":
      return state(value);
    case "in": {
      const id = findMailbox(value);
      return id ? { inMailbox: id } : null;
    }
    default:
      return null;
  }
}

function day(word: string, value: string): Filter | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(`${value}T00:00:00`) : new Date(Number.NaN);
  return Number.isNaN(at.getTime()) ? null : { [word]: at.toISOString().replace(/\.\d+Z$/, "Z") };
}

function state(value: string): Filter | null {
  const states: Record<string, Filter> = {
    unread: { notKeyword: "$seen" },
    read: { hasKeyword: "$seen" },
    flagged: { hasKeyword: "$flagged" },
    answered: { hasKeyword: "$answered" },
    draft: { hasKeyword: "$draft" },
  };
  return states[value] ?? null;
}
