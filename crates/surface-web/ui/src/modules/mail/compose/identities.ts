// As whom one may write (RFC 8621 §6), asked for once for each account.

import { jmap } from "../../../lib/jmap/office";
import type { GetAnswer, Id, Identity } from "../../../lib/jmap/types";

const known = new Map<Id, Promise<Identity[]>>();

/** None where nothing can be sent from. */
export function identities(account: Id): Promise<Identity[]> {
  const before = known.get(account);
  if (before) return before;
  const asked = jmap.call<GetAnswer<Identity>>("Identity/get", { accountId: account, ids: null }).then(
    ({ list }) => list,
    (): Identity[] => {
      known.delete(account);
      return [];
    },
  );
  known.set(account, asked);
  return asked;
}

/** After a change of them elsewhere in the office. */
export function forgetIdentities(): void {
  known.clear();
}
