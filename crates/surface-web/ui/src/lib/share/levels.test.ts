import { expect, test } from "vitest";
import { levelOf, OF_BOOKS, OF_CALENDARS, OF_TASK_LISTS, type Rights } from "./levels";

function check(rights: Rights, levels: typeof OF_BOOKS, expected: string): void {
  expect(levelOf(rights, levels)).toBe(expected);
}

test("what the server says is the level that was given", () => {
  check({ mayRead: true, mayWrite: false, mayShare: false, mayDelete: false }, OF_BOOKS, "read");
  check({ mayRead: true, mayWrite: true, mayShare: true, mayDelete: true }, OF_BOOKS, "manage");
  check({ mayRead: false, mayWrite: true }, OF_BOOKS, "");
  const reads = { mayReadFreeBusy: true, mayReadItems: true, mayWriteAll: false, mayWriteOwn: false };
  check(reads, OF_CALENDARS, "read");
  check({ ...reads, mayWriteAll: true, mayUpdatePrivate: true, mayRSVP: true }, OF_CALENDARS, "write");
  const sees = { mayReadItems: true, mayWriteAll: false, mayWriteOwn: false };
  check(sees, OF_TASK_LISTS, "read");
  check({ ...sees, mayWriteAll: true, mayUpdatePrivate: true, mayRSVP: true, mayAdmin: true, mayDelete: true }, OF_TASK_LISTS, "manage");
});
