// How many messages of the own inbox are unread, for whoever shows it: whatever asks the store for it says it here.

class Unread {
  count = $state(0);
}

export const unread = new Unread();
