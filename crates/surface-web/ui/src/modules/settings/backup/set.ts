// Signatures and filters of a backup, put back by JMAP. What the person has now stays.

import { jmap } from "../../../lib/jmap/office";
import type { GetAnswer, Id, Identity, SetAnswer } from "../../../lib/jmap/types";
import { SUBMISSION } from "../mail";
import { SIEVE, textOf, type Script } from "../rules/scripts";
import { beside } from "./files";
import type { Filter, Signature } from "./contents";

export type Outcome = "sent" | "there" | "kept";

/** A refusal, in the words of the server. */
export class Refused extends Error {}

/** Sets a signature where there is none yet: at its own address, or at the one that stands in its place where it is another account. */
export async function putSignature({ address, position, content }: Signature): Promise<Outcome> {
  const account = (await jmap.session()).primaryAccounts[SUBMISSION] ?? "";
  const { list } = await jmap.call<GetAnswer<Identity>>("Identity/get", { accountId: account, ids: null });
  const own = list.find((it) => it.email.toLowerCase() === address.toLowerCase());
  const into = own ?? list[position];
  if (!into) return "kept";
  // Whoever moves to another address is called as before, and is answered there.
  const { name, textSignature = "", htmlSignature = "" } = content as { name?: unknown; textSignature?: unknown; htmlSignature?: unknown };
  const wanted = own ? content : { ...(name === undefined ? {} : { name }), textSignature, htmlSignature };
  if (Object.entries(wanted).every(([property, value]) => JSON.stringify(into[property as keyof Identity]) === JSON.stringify(value))) return "there";
  if (into.textSignature || into.htmlSignature) return "kept";
  const answer = await jmap.call<SetAnswer>("Identity/set", { accountId: account, update: { [into.id]: wanted } });
  const refused = answer.notUpdated?.[into.id];
  if (refused) throw new Refused(refused.description ?? refused.type);
  return "sent";
}

/** Keeps a filter; one of its name that is another stays, and it is put beside. It sorts only where none sorts yet. */
export async function putFilter(filter: Filter): Promise<Outcome> {
  const account = (await jmap.session()).primaryAccounts[SIEVE] ?? "";
  const { list } = await jmap.call<GetAnswer<Omit<Script, "text">>>("SieveScript/get", { accountId: account, ids: null });
  let name = filter.name;
  for (let number = 1; ; number++) {
    const there = list.find((it) => it.name === name);
    if (!there) break;
    if ((await textOf(account, there.blobId)) === filter.text) return "there";
    name = beside(filter.name, number);
  }
  const { blobId } = await jmap.upload(account, new Blob([filter.text], { type: "application/sieve" }));
  const active = filter.isActive && !list.some((it) => it.isActive) ? { onSuccessActivateScript: "#restored" as Id } : {};
  const answer = await jmap.call<SetAnswer>("SieveScript/set", { accountId: account, create: { restored: { name, blobId } }, ...active });
  const refused = answer.notCreated?.restored;
  if (refused) throw new Refused(refused.description ?? refused.type);
  return "sent";
}
