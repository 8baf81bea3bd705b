import { expect, it } from "vitest";
import type { Texts } from "./settings.svelte";
import { changedSince } from "./values";

it("sends the switches and limits that were changed, and no other", () => {
  const begun = { "tools.mail": true, "tools.files": false, "limits.days": 30, "limits.links": null };
  expect(changedSince(begun, { ...begun })).toEqual({});
  expect(changedSince(begun, { ...begun, "tools.files": true })).toEqual({ "tools.files": true });
  expect(changedSince(begun, { ...begun, "limits.days": null, "limits.links": 0 })).toEqual({ "limits.days": null, "limits.links": 0 });
});

it("knows texts and links by what they say", () => {
  const begun = { name: { fr: "Un", en: "One" }, "branding.legal": [{ address: "https://a.test", label: { fr: "a" } }, { address: "https://b.test", label: {} }] };
  expect(changedSince(begun, structuredClone(begun))).toEqual({});
  expect(changedSince(begun, { ...begun, name: { en: "One", fr: "Un" } })).toEqual({});
  const others: Texts[] = [{ fr: "Un" }, { fr: "Un", en: "Two" }, { fr: "Un", de: "One" }, {}];
  for (const name of others) expect(changedSince(begun, { ...begun, name })).toEqual({ name });
  const turned = [...begun["branding.legal"]].reverse();
  expect(changedSince(begun, { ...begun, "branding.legal": turned })).toEqual({ "branding.legal": turned });
  expect(changedSince(begun, { ...begun, "branding.legal": [] })).toEqual({ "branding.legal": [] });
});
