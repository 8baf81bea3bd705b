import { expect, it } from "vitest";
import { view } from "./view.svelte";

const settled = () => Promise.resolve();

it("the innermost view names the window, and the one around it once that is gone", async () => {
  const mailbox = view.is("Inbox");
  const message = view.is("Minutes");
  await settled();
  expect(view.name).toBe("Minutes");
  message();
  await settled();
  expect(view.name).toBe("Inbox");
  mailbox();
  await settled();
  expect(view.name).toBe("");
});

it("two views of one name are two, and one without a name hides none", async () => {
  const all = [view.is("Courses"), view.is("Courses"), view.is("")];
  await settled();
  expect(view.name).toBe("Courses");
  all.pop()?.();
  all.pop()?.();
  await settled();
  expect(view.name).toBe("Courses");
  all.pop()?.();
  await settled();
  expect(view.name).toBe("");
});
