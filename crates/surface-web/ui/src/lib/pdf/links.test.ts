import { expect, it } from "vitest";
import { target, type Annotation } from "./links";

const link = (more: Partial<Annotation>): Annotation => ({ subtype: "Link", rect: [0, 0, 1, 1], ...more });

it("lead to the web, to an address and to pages", () => {
  expect(target(link({ url: "https://example.org/a b" }))).toEqual({ kind: "web", href: "https://example.org/a%20b" });
  expect(target(link({ url: "mailto:ada@a.test" }))).toEqual({ kind: "web", href: "mailto:ada@a.test" });
  expect(target(link({ dest: "chapter" }))).toEqual({ kind: "page", dest: "chapter" });
  expect(target(link({ action: "NextPage" }))).toEqual({ kind: "step", by: "next" });
});

it("lead nowhere else", () => {
  const others: Partial<Annotation>[] = [
    { url: "javascript:alert(1)" }, { url: "JavaScript:alert(1)" }, { url: "data:text/html,x" }, { url: "file:///etc/passwd" },
    { url: "ftp://example.org" }, { url: "blob:https://example.org/x" }, { url: "/dav/files" }, { url: "notepad.exe" }, { url: "//example.org" },
    { action: "Print" }, { action: "constructor" }, { action: "SaveAs" }, {}, { subtype: "Widget", url: "https://example.org" },
  ];
  for (const it of others) expect(target({ ...link({}), ...it }), JSON.stringify(it)).toBeNull();
});
