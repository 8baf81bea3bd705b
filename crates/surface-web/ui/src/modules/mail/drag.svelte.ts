// What is being dragged, from the list to a mailbox.

import type { Id } from "../../lib/jmap/types";
import type { MessageList } from "./list.svelte";

export const dragged: { list: MessageList | null; ids: ReadonlySet<Id> } = { list: null, ids: new Set() };
