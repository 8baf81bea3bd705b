import { expect, test } from "vitest";
import { changes, draftOf, EMPTY, nameOf, photoOf, type Card, type Draft } from "./card";

const card: Card = {
  id: "I1", uid: "urn:uuid:1", addressBookIds: { C1: true },
  name: { full: "Zoë Dupré", components: [{ kind: "title", value: "Dr" }, { kind: "given", value: "Zoë" }, { kind: "surname", value: "Dupré" }] },
  emails: { w: { address: "zoe@a.test", contexts: { work: true } }, "a/b": { address: "z@b.test" } },
  phones: { t: { number: "+33 5 00", features: { mobile: true, text: true } } },
  organizations: { o: { name: "Univ", units: [{ name: "Chimie" }, { name: "Labo 2" }] } },
  addresses: { p: { components: [{ kind: "number", value: "12" }, { kind: "name", value: "rue Neuve" }, { kind: "region", value: "Midi" }, { kind: "locality", value: "Toulouse" }] } },
  anniversaries: { b: { kind: "birth", date: { month: 5, day: 17 } } },
};

function check(of: Partial<Card>, change: (draft: Draft) => void, expected: Record<string, unknown>): void {
  const before = of.id ? draftOf(of as Card) : EMPTY;
  const after = structuredClone(before);
  change(after);
  expect(changes(of, before, after)).toEqual(expected);
}

test("what was not changed is not said", () => check(card, () => undefined, {}));

test("of what was changed the rest stays", () => {
  check(card, (it) => (it.surname = "Dupont"), {
    name: { full: "Zoë Dupré", components: [{ kind: "title", value: "Dr" }, { kind: "given", value: "Zoë" }, { kind: "surname", value: "Dupont" }] },
  });
  check(card, (it) => ((it.emails[1] as { value: string }).value = "z@c.test"), { "emails/a~1b": { address: "z@c.test" } });
  check(card, (it) => ((it.phones[0] as { where: string }).where = "work"), { "phones/t": { number: "+33 5 00", features: { text: true }, contexts: { work: true } } });
  check(card, (it) => (it.unit = ""), { "organizations/o": { name: "Univ", units: [{ name: "Labo 2" }] } });
  check(card, (it) => ((it.addresses[0] as { postcode: string }).postcode = "31000"), {
    "addresses/p": { components: [...(card.addresses?.["p"]?.components ?? []), { kind: "postcode", value: "31000" }] },
  });
});

test("what comes has an id of its own, and what goes is null", () => {
  check(card, (it) => {
    it.emails = [{ id: null, value: "new@a.test", where: "private" }, { id: null, value: " ", where: "" }];
    it.note = "deux\nlignes";
  }, { "emails/w": null, "emails/a~1b": null, "emails/n1": { address: "new@a.test", contexts: { private: true } }, notes: { n1: { note: "deux\nlignes" } } });
  check(card, (it) => (it.birthday = "1980-05-17"), { "anniversaries/b": { kind: "birth", date: { "@type": "PartialDate", year: 1980, month: 5, day: 17 } } });
});

test("a new card says all that was typed", () => {
  check({}, (it) => {
    [it.given, it.surname, it.full] = ["Max", "Martin", "Max Martin"];
    it.phones = [{ id: null, value: "1", where: "" }, { id: null, value: "2", where: "mobile" }];
    it.addresses = [{ id: null, where: "", street: "1 rue X", postcode: "", locality: "Pau", country: "" }];
  }, {
    name: { full: "Max Martin", components: [{ kind: "given", value: "Max" }, { kind: "surname", value: "Martin" }] },
    phones: { n1: { number: "1" }, n2: { number: "2", features: { mobile: true } } },
    addresses: { n1: { components: [{ kind: "name", value: "1 rue X" }, { kind: "locality", value: "Pau" }] } },
  });
});

test("a picture is the card's own, and everybody is called something", () => {
  const photo = (uri: string) => photoOf({ ...card, media: { m: { kind: "photo", uri } } });
  expect(photo("data:image/png;base64,AAAA")).not.toBeNull();
  for (const uri of ["https://tracker.test/x.png", "data:image/svg+xml;base64,AAAA", "data:text/html;base64,AAAA"]) expect(photo(uri)).toBeNull();
  expect(nameOf({ ...card, name: null })).toBe("Univ");
  expect(nameOf({ id: "I", uid: "u", addressBookIds: {} })).toBe("u");
});
