// The filter scripts of a person (RFC 9661): which sorts their mail, and the one that the office writes.

import { JmapError } from "../../../lib/jmap/client";
import { jmap } from "../../../lib/jmap/office";
import type { GetAnswer, Id, SetAnswer } from "../../../lib/jmap/types";
import { NAME, read, write, type Rule } from "./rules";

export const SIEVE = "urn:ietf:params:jmap:sieve";

export interface Script {
  id: Id;
  name: string;
  blobId: Id;
  isActive: boolean;
  text: string;
}

export interface Scripts {
  state: string;
  /** The office's own; `null` where there is none yet, or where it was changed by hand. */
  rules: Rule[] | null;
  ours: Script | null;
  /** Those of others, to be looked at. */
  others: readonly Script[];
  /** What the store's compiler knows. */
  extensions: ReadonlySet<string>;
}

export async function load(): Promise<Scripts> {
  const session = await jmap.session();
  const account = session.primaryAccounts[SIEVE] ?? "";
  const powers = session.accounts[account]?.accountCapabilities[SIEVE]?.["sieveExtensions"] as string[] | undefined;
  const { state, list } = await jmap.call<GetAnswer<Omit<Script, "text">>>("SieveScript/get", { accountId: account, ids: null });
  const all = await Promise.all(list.map(async (it): Promise<Script> => ({ ...it, text: await textOf(account, it.blobId) })));
  const named = all.find((it) => it.name === NAME);
  const rules = named ? read(named.text) : [];
  const ours = rules && named ? named : null;
  return { state, rules, ours, others: all.filter((it) => it !== ours), extensions: new Set(powers) };
}

/** A script's text. */
export async function textOf(account: Id, blob: Id): Promise<string> {
  const response = await fetch(jmap.download(account, blob, "script.sieve", "application/sieve"), { credentials: "same-origin" });
  if (!response.ok) throw new JmapError("serverUnavailable", `${response.status} for a script`);
  return response.text();
}

/** Why it was not kept: in the words of the store, or `changed` where somebody else was quicker. */
export class NotKept extends Error {
  constructor(
    readonly kind: "refused" | "changed",
    readonly description: string,
  ) {
    super(`${kind}: ${description}`);
  }
}

/** Keeps rules, and sorts mail by them if so. Nothing but the office's own script is written. */
export async function keep(before: Scripts, rules: readonly Rule[], sorts: boolean): Promise<void> {
  const { primaryAccounts } = await jmap.session();
  const account = primaryAccounts[SIEVE] ?? "";
  const { text } = write(rules);
  const { blobId } = await jmap.upload(account, new Blob([text], { type: "application/sieve" }));
  const what = before.ours ? { update: { [before.ours.id]: { blobId } } } : { create: { rules: { name: NAME, blobId } } };
  const active = sorts ? { onSuccessActivateScript: before.ours?.id ?? "#rules" } : {};
  try {
    const answer = await jmap.call<SetAnswer>("SieveScript/set", { accountId: account, ifInState: before.state, ...what, ...active });
    const refused = Object.values({ ...answer.notCreated, ...answer.notUpdated })[0];
    if (refused) throw new NotKept(refused.type === "alreadyExists" ? "changed" : "refused", refused.description ?? refused.type);
  } catch (error) {
    if (error instanceof JmapError && error.type === "stateMismatch") throw new NotKept("changed", "");
    throw error;
  }
}
