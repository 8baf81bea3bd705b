// What is being dragged, from the list to a mailbox.

import type { Key, MessageList } from "./list.svelte";

export const dragged: { list: MessageList | null; keys: ReadonlySet<Key> } = { list: null, keys: new Set() };
