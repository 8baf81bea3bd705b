// How people, days and mailboxes are written.

import { i18n, t } from "../../lib/i18n.svelte";
import type { Address, Mailbox, Role } from "../../lib/jmap/types";
import type { IconName } from "../../lib/ui/icons";

/** The name of a person, or the address where there is none. */
export function nameOf(address: Address | undefined): string {
  return address?.name?.trim() || address?.email || t("mail-nobody");
}

export function namesOf(addresses: readonly Address[] | null): string {
  return addresses?.length ? addresses.map(nameOf).join(", ") : t("mail-nobody");
}

/** Who has written in a conversation, each once and in the order in which they came in; oneself by a word. */
export function peopleOf(messages: readonly { from: readonly Address[] | null }[], own: readonly string[]): string {
  const mine = new Set(own.map((it) => it.toLowerCase()));
  const names = messages.map(({ from }) => (mine.has(from?.[0]?.email.toLowerCase() ?? "") ? t("mail-me") : nameOf(from?.[0])));
  return [...new Set(names)].join(", ");
}

/** As it stands in a header. */
export function written(address: Address): string {
  return address.name ? `${address.name} <${address.email}>` : address.email;
}

/** Keeps its own direction where no element can say so (Unicode UAX 9, FSI and PDI). */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** The time of today, the day of this year, else the date. */
export function shortDate(text: string, now: Date): string {
  const at = new Date(text);
  if (at.toDateString() === now.toDateString()) return format(at, { hour: "2-digit", minute: "2-digit" });
  if (at.getFullYear() === now.getFullYear()) return format(at, { day: "numeric", month: "short" });
  return format(at, { day: "2-digit", month: "2-digit", year: "numeric" });
}

export function longDate(text: string): string {
  return format(new Date(text), { dateStyle: "full", timeStyle: "short" });
}

function format(at: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(i18n.language, options).format(at);
}

const ICONS: Partial<Record<Role, IconName>> = {
  inbox: "inbox",
  drafts: "file-pen",
  sent: "send",
  archive: "archive",
  junk: "shield-alert",
  trash: "trash-2",
  flagged: "star",
};
/** In this order; what has no role comes after, by name. */
const ORDER: readonly (Role | null)[] = ["inbox", "flagged", "drafts", "sent", "archive", "junk", "trash"];

export function iconOf(mailbox: Mailbox): IconName {
  return (mailbox.role && ICONS[mailbox.role]) || "folder";
}

/** In the reader's language, where it has a role that every language has a word for. */
export function nameOfMailbox(mailbox: Mailbox): string {
  return mailbox.role && ICONS[mailbox.role] ? t(`mailbox-${mailbox.role}`) : mailbox.name;
}

/** Those with a role first, then by name; what lies in another is behind it, with its depth. */
export function tree(mailboxes: readonly Mailbox[]): { mailbox: Mailbox; depth: number }[] {
  const known = new Set(mailboxes.map((it) => it.id));
  const rank = (it: Mailbox) => {
    const at = ORDER.indexOf(it.role);
    return at < 0 ? ORDER.length : at;
  };
  const below = (parent: string | null, depth: number): { mailbox: Mailbox; depth: number }[] =>
    mailboxes
      .filter((it) => (parent === null ? it.parentId === null || !known.has(it.parentId) : it.parentId === parent))
      .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, i18n.language, { numeric: true }))
      .flatMap((mailbox) => [{ mailbox, depth }, ...below(mailbox.id, depth + 1)]);
  return below(null, 0);
}
