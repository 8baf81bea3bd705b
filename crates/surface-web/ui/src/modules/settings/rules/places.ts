// Mailboxes as a filter names them: by all of their names, from the top.

import type { Mailbox } from "../../../lib/jmap/types";
import { nameOfMailbox, tree } from "../../mail/format";

export interface Place {
  /** As the store has it, with `/` between the levels. */
  name: string;
  /** As one reads it. */
  label: string;
}

export function places(mailboxes: readonly Mailbox[]): Place[] {
  const by = new Map(mailboxes.map((it) => [it.id, it]));
  const levels = (it: Mailbox): Mailbox[] => {
    const above = it.parentId === null ? undefined : by.get(it.parentId);
    return above ? [...levels(above), it] : [it];
  };
  return tree(mailboxes).map(({ mailbox }) => {
    const all = levels(mailbox);
    return { name: all.map((it) => it.name).join("/"), label: all.map(nameOfMailbox).join(" / ") };
  });
}
