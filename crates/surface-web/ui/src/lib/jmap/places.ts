// Whose accounts have something: one's own, and those of people who share.

import { jmap } from "./office";
import type { Id, Session } from "./types";

export interface Places {
  /** One's own first. */
  accounts: Id[];
  primary: Id | undefined;
  session: Session;
}

/** The accounts that have a capability. */
export async function places(capability: string): Promise<Places> {
  const session = await jmap.session();
  const primary = session.primaryAccounts[capability];
  const accounts = Object.keys(session.accounts).filter((id) => session.accounts[id]?.accountCapabilities[capability]);
  accounts.sort((a, b) => Number(b === primary) - Number(a === primary));
  return { accounts, primary, session };
}

/** Whose an account is; empty for one's own. */
export function ownerOf({ primary, session }: Places, account: Id): string {
  return account === primary ? "" : (session.accounts[account]?.name ?? account);
}
