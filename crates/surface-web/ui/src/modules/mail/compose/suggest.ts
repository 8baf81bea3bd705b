// Whom a few letters may mean: people and groups of the institution's directory, and those whom one has written to lately. The latter are
// read from one's own sent mail and kept in memory alone, until the page is closed.

import { api } from "../../../lib/api/client";
import { jmap } from "../../../lib/jmap/office";
import type { Address, Email, GetAnswer, Id, QueryAnswer } from "../../../lib/jmap/types";
import { post } from "../post.svelte";

export interface Suggestion extends Address {
  kind: "person" | "group" | "recent";
  /** What somebody is at the institution, as eduPerson has it. */
  role: string | null;
}

/** Fewer letters mean nobody in particular; the directory refuses them too. */
export const FEWEST = 2;
/** Most suggestions at a time. */
const MOST = 8;
/** So many of the messages that were sent last are looked at. */
const LATEST = 200;

interface Found {
  kind: "person" | "group";
  name: string;
  address?: string | null;
  role?: string | null;
}

const recent = new Map<Id, Promise<readonly Address[]>>();

/** Those that the letters may mean, the likeliest first. What one of the two cannot say now, the other still does. */
export async function suggestions(account: Id, letters: string, signal: AbortSignal): Promise<Suggestion[]> {
  const [own, listed] = await Promise.all([
    written(account),
    api.get<{ found: Found[] }>(`/api/people?${new URLSearchParams({ q: letters })}`, signal).catch(() => ({ found: [] })),
  ]);
  signal.throwIfAborted();
  return together(own, listed.found, letters);
}

/** One's own correspondents first, as they are who is meant most often; nobody twice, and what the directory knows of them. */
export function together(own: readonly Address[], found: readonly Found[], letters: string): Suggestion[] {
  const listed = found.flatMap(({ kind, name, address, role }) => (address ? [{ kind, name, email: address, role: role ?? null }] : []));
  const known = new Map(listed.map((it) => [it.email.toLowerCase(), it]));
  const lately = own.filter((it) => isMeant(it, letters)).map((it): Suggestion => known.get(it.email.toLowerCase()) ?? { ...it, kind: "recent", role: null });
  const all = new Map([...lately, ...listed].map((it) => [it.email.toLowerCase(), it]));
  return [...all.values()].slice(0, MOST);
}

/** Whether each word begins a word of the name or of the address. */
function isMeant(address: Address, letters: string): boolean {
  const parts = folded(`${address.name ?? ""} ${address.email}`).split(/[\s.@_<>"',-]+/);
  return folded(letters).split(/[\s.@_-]+/).filter(Boolean).every((word) => parts.some((part) => part.startsWith(word)));
}

/** Without case and accents. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Whom one has written to, those of the most messages first. */
function written(account: Id): Promise<readonly Address[]> {
  const before = recent.get(account);
  if (before) return before;
  const asked = look(account).catch((): readonly Address[] => {
    recent.delete(account);
    return [];
  });
  recent.set(account, asked);
  return asked;
}

async function look(account: Id): Promise<readonly Address[]> {
  const sent = post.withRole(account, "sent");
  if (!sent) return [];
  const query = jmap.call<QueryAnswer>("Email/query", {
    accountId: account, filter: { inMailbox: sent.id }, sort: [{ property: "receivedAt", isAscending: false }], limit: LATEST,
  });
  const get = jmap.call<GetAnswer<Email>>("Email/get", { accountId: account, "#ids": jmap.from(query, "/ids"), properties: ["id", "to", "cc", "bcc"] });
  const [, { list }] = await Promise.all([query, get]);
  return ranked(list);
}

/** Each address once, with the name that it was written with last. */
export function ranked(messages: readonly Pick<Email, "to" | "cc" | "bcc">[]): Address[] {
  const counts = new Map<string, { address: Address; count: number }>();
  for (const message of messages) {
    for (const address of [...(message.to ?? []), ...(message.cc ?? []), ...(message.bcc ?? [])]) {
      const key = address.email.toLowerCase();
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { address, count: 1 });
      if (known && !known.address.name && address.name) known.address = address;
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).map((it) => it.address);
}

/** A message was sent: whom it went to is known from now on. */
export function forgetRecent(): void {
  recent.clear();
}
