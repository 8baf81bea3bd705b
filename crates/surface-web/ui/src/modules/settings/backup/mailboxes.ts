// Mailboxes by their names joined by "/", made where they are not there (RFC 8621 §2).

import { jmap } from "../../../lib/jmap/office";
import type { GetAnswer, Id, Mailbox, SetAnswer } from "../../../lib/jmap/types";

const MAIL = "urn:ietf:params:jmap:mail";

/** Why there is no mailbox of this name. */
export class NoMailbox extends Error {}

export class Mailboxes {
  private constructor(
    readonly account: Id,
    private readonly ids: Map<string, Id>,
  ) {}

  static async load(): Promise<Mailboxes> {
    const account = (await jmap.session()).primaryAccounts[MAIL] ?? "";
    const { list } = await jmap.call<GetAnswer<Mailbox>>("Mailbox/get", { accountId: account, ids: null });
    const byId = new Map(list.map((it) => [it.id, it]));
    const path = (it: Mailbox): string => {
      const parent = it.parentId ? byId.get(it.parentId) : undefined;
      const name = it.role === "inbox" ? "INBOX" : it.name;
      return parent ? `${path(parent)}/${name}` : name;
    };
    return new Mailboxes(account, new Map(list.map((it) => [path(it), it.id])));
  }

  /** The mailbox of this name. */
  async of(name: string): Promise<Id> {
    let parent: Id | null = null;
    let path = "";
    for (const level of name.split("/")) {
      path = path ? `${path}/${level}` : level;
      parent = this.ids.get(path) ?? (await this.#make(level, parent));
      this.ids.set(path, parent);
    }
    return parent ?? "";
  }

  async #make(name: string, parentId: Id | null): Promise<Id> {
    const answer = await jmap.call<SetAnswer>("Mailbox/set", { accountId: this.account, create: { made: { name, parentId, isSubscribed: true } } });
    const made = answer.created?.made;
    if (!made) throw new NoMailbox(answer.notCreated?.made?.description ?? answer.notCreated?.made?.type ?? "");
    return made.id;
  }
}
