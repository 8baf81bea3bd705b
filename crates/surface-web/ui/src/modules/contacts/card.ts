// A card (JSContact, RFC 9553) as far as the office reads it, and as a form says it. What the form does not know is never said, so that
// it stays.

import type { Id } from "../../lib/jmap/types";

type Entries<T> = Record<Id, T> | null;
interface Placed {
  contexts?: Record<string, boolean>;
}
export interface Component {
  kind: string;
  value: string;
}
interface PartialDate {
  year?: number;
  month?: number;
  day?: number;
}

export interface Card {
  id: Id;
  uid: string;
  kind?: string;
  addressBookIds: Record<Id, boolean>;
  name?: { full?: string; components?: Component[] } | null;
  nicknames?: Entries<{ name: string }>;
  organizations?: Entries<{ name?: string; units?: { name: string }[] }>;
  titles?: Entries<{ name: string; kind?: string }>;
  emails?: Entries<Placed & { address: string }>;
  phones?: Entries<Placed & { number: string; features?: Record<string, boolean> }>;
  addresses?: Entries<Placed & { components?: Component[]; full?: string }>;
  anniversaries?: Entries<{ kind?: string; date: PartialDate & { utc?: string } }>;
  notes?: Entries<{ note: string }>;
  links?: Entries<{ uri: string }>;
  media?: Entries<{ kind?: string; uri?: string }>;
  members?: Record<string, boolean> | null;
}

/** One of several: a mail, a telephone; without an id while it is new. */
export interface Line {
  id: Id | null;
  value: string;
  /** `work`, `private`, `mobile`; empty for none of these. */
  where: string;
}

/** The parts of an address that the form knows. */
export const PARTS = ["street", "postcode", "locality", "country"] as const;
export type Part = (typeof PARTS)[number];
export type Address = Record<Part, string> & { id: Id | null; where: string };

export interface Draft {
  given: string;
  surname: string;
  /** As it is shown. */
  full: string;
  organization: string;
  unit: string;
  title: string;
  emails: Line[];
  phones: Line[];
  addresses: Address[];
  /** `1980-05-17`, or empty. */
  birthday: string;
  note: string;
}

export const EMPTY: Draft = { given: "", surname: "", full: "", organization: "", unit: "", title: "", emails: [], phones: [], addresses: [], birthday: "", note: "" };

const all = <T>(entries: Entries<T> | undefined): [Id, T][] => Object.entries(entries ?? {});
const part = (components: readonly Component[] | undefined, kind: string): string => components?.find((it) => it.kind === kind)?.value ?? "";
const two = (number: number | undefined): string => String(number ?? 0).padStart(2, "0");

/** What one is called; a card that says nothing has its first address. */
export function nameOf(card: Card): string {
  const joined = (card.name?.components ?? []).filter((it) => it.kind !== "separator").map((it) => it.value).join(" ");
  return card.name?.full || joined || all(card.organizations)[0]?.[1].name || all(card.emails)[0]?.[1].address || card.uid;
}

export const mailsOf = (card: Card): string[] => all(card.emails).map(([, it]) => it.address);

/** Where somebody is, in one line. */
export function officeOf(card: Card): string {
  const [organization] = all(card.organizations);
  return [all(card.titles)[0]?.[1].name, organization?.[1].units?.[0]?.name, organization?.[1].name].filter(Boolean).join(" · ");
}

/** A picture that the card has itself: none is fetched from elsewhere. */
export function photoOf(card: Card): string | null {
  const found = all(card.media).find(([, it]) => it.kind === "photo")?.[1].uri ?? "";
  return /^data:image\/(png|jpeg|gif|webp);base64,/i.test(found) ? found : null;
}

export function birthdayOf(card: Card): PartialDate | null {
  const date = all(card.anniversaries).find(([, it]) => it.kind === "birth")?.[1].date;
  const found = date?.utc ? /^(\d+)-(\d+)-(\d+)/.exec(date.utc) : null;
  return found ? { year: Number(found[1]), month: Number(found[2]), day: Number(found[3]) } : (date ?? null);
}

function whereOf({ contexts, features }: Placed & { features?: Record<string, boolean> }): string {
  if (features?.["mobile"]) return "mobile";
  return contexts?.["work"] ? "work" : contexts?.["private"] ? "private" : "";
}

function partOf(address: { components?: Component[]; full?: string }, name: Part): string {
  if (name !== "street") return part(address.components, name);
  const rest = (address.components ?? []).filter((it) => it.kind !== "separator" && !["postcode", "locality", "region", "country"].includes(it.kind));
  return rest.map((it) => it.value).join(" ") || (address.components ? "" : (address.full ?? ""));
}

export const addressOf = (id: Id, address: Placed & { components?: Component[]; full?: string }): Address => ({
  id, where: whereOf(address), street: partOf(address, "street"), postcode: partOf(address, "postcode"), locality: partOf(address, "locality"), country: partOf(address, "country"),
});

export function draftOf(card: Card): Draft {
  const organization = all(card.organizations)[0]?.[1];
  const birthday = birthdayOf(card);
  return {
    given: part(card.name?.components, "given"),
    surname: part(card.name?.components, "surname"),
    full: card.name?.full ?? (card.name ? nameOf(card) : ""),
    organization: organization?.name ?? "",
    unit: organization?.units?.[0]?.name ?? "",
    title: all(card.titles)[0]?.[1].name ?? "",
    emails: all(card.emails).map(([id, it]) => ({ id, value: it.address, where: whereOf(it) })),
    phones: all(card.phones).map(([id, it]) => ({ id, value: it.number, where: whereOf(it) })),
    addresses: all(card.addresses).map(([id, it]) => addressOf(id, it)),
    // A day without a year is none that a field for dates can say: it stays as it is.
    birthday: birthday?.year && birthday.month && birthday.day ? `${String(birthday.year).padStart(4, "0")}-${two(birthday.month)}-${two(birthday.day)}` : "",
    note: all(card.notes)[0]?.[1].note ?? "",
  };
}

type Patch = Record<string, unknown>;
type Entry = Record<string, unknown>;

/** What a card is to say that did not, for `ContactCard/set`; an empty card says all that a new one has. */
export function changes(card: Partial<Card>, before: Draft, after: Draft): Patch {
  const patch: Patch = {};
  if (isOther(["given", "surname", "full"], before, after)) patch["name"] = named(card.name ?? {}, after);
  several(patch, card, "emails", before.emails, after.emails, (line, old) => (line.value.trim() ? { ...old, address: line.value.trim(), ...placed(line, old) } : null));
  several(patch, card, "phones", before.phones, after.phones, (line, old) => (line.value.trim() ? { ...old, number: line.value.trim(), ...placed(line, old) } : null));
  several(patch, card, "addresses", before.addresses, after.addresses, (line, old) => addressed(line, old));
  first(patch, card, "organizations", isOther(["organization", "unit"], before, after), (old) => {
    const units = [...(after.unit.trim() ? [{ name: after.unit.trim() }] : []), ...((old["units"] as Entry[] | undefined) ?? []).slice(1)];
    const { name: _name, units: _units, ...rest } = old;
    const name = after.organization.trim();
    return name || units.length > 0 ? { ...rest, ...(name ? { name } : {}), ...(units.length > 0 ? { units } : {}) } : null;
  });
  first(patch, card, "titles", before.title !== after.title, (old) => (after.title.trim() ? { ...old, name: after.title.trim() } : null));
  first(patch, card, "notes", before.note !== after.note, (old) => (after.note.trim() ? { ...old, note: after.note } : null));
  if (before.birthday !== after.birthday) {
    const id = all(card.anniversaries).find(([, it]) => it.kind === "birth")?.[0] ?? null;
    const [year, month, day] = after.birthday.split("-").map(Number);
    put(patch, card, "anniversaries", id, after.birthday ? { kind: "birth", date: { "@type": "PartialDate", year, month, day } } : null);
  }
  return patch;
}

function isOther(names: readonly (keyof Draft)[], before: Draft, after: Draft): boolean {
  return names.some((it) => before[it] !== after[it]);
}

function named(name: NonNullable<Card["name"]>, after: Draft): Entry | null {
  const wanted: Record<string, string> = { given: after.given.trim(), surname: after.surname.trim() };
  const kept = (name.components ?? []).flatMap((it): Component[] => {
    const value = wanted[it.kind];
    if (value === undefined) return [it];
    delete wanted[it.kind];
    return value ? [{ ...it, value }] : [];
  });
  const components = [...kept, ...Object.entries(wanted).flatMap(([kind, value]) => (value ? [{ kind, value }] : []))];
  const full = after.full.trim() || components.map((it) => it.value).join(" ");
  const { components: _components, full: _full, ...rest } = name;
  if (!full && components.length === 0) return null;
  return { ...rest, ...(full ? { full } : {}), ...(components.length > 0 ? { components } : {}) };
}

/** Where it is: said only where that was changed, so that what else there is of it stays. */
function placed({ where }: { where: string }, old: Entry): Entry {
  if (where === whereOf(old as Placed)) return {};
  const { work: _work, private: _private, ...contexts } = (old["contexts"] as Record<string, boolean> | undefined) ?? {};
  const { mobile: _mobile, ...features } = (old["features"] as Record<string, boolean> | undefined) ?? {};
  const now = where === "work" || where === "private" ? { ...contexts, [where]: true } : contexts;
  const can = where === "mobile" ? { ...features, mobile: true } : features;
  const said = (entries: Record<string, boolean>) => (Object.keys(entries).length > 0 ? entries : null);
  return { ...(said(now) || old["contexts"] ? { contexts: said(now) } : {}), ...(said(can) || old["features"] ? { features: said(can) } : {}) };
}

function addressed(line: Address, old: Entry): Entry | null {
  if (PARTS.every((it) => !line[it].trim())) return null;
  const before = addressOf("", old as { components?: Component[] });
  const components = ((old["components"] as Component[] | undefined) ?? []).filter((it) => it.kind !== "separator");
  let now = components;
  for (const name of PARTS) {
    const value = line[name].trim();
    if (value === before[name]) continue;
    const isOf = (it: Component): boolean => (name === "street" ? !["postcode", "locality", "region", "country"].includes(it.kind) : it.kind === name);
    now = [...now.filter((it) => !isOf(it)), ...(value ? [{ kind: name === "street" ? "name" : name, value }] : [])];
  }
  const { full: _full, components: _components, ...rest } = old;
  return { ...rest, components: now, ...placed(line, old) };
}

/** Entries of which each may have changed, gone or come. */
function several<L extends { id: Id | null }>(patch: Patch, card: Partial<Card>, property: keyof Card, before: readonly L[], after: readonly L[], entry: (line: L, old: Entry) => Entry | null): void {
  const entries = (card[property] as Record<Id, Entry> | null | undefined) ?? {};
  for (const line of before) if (!after.some((it) => it.id === line.id)) put(patch, card, property, line.id, null);
  for (const line of after) {
    const old = before.find((it) => line.id !== null && it.id === line.id);
    if (old && JSON.stringify(old) === JSON.stringify(line)) continue;
    put(patch, card, property, line.id, entry(line, line.id === null ? {} : (entries[line.id] ?? {})));
  }
}

/** Of entries the first, which is the one that a form shows. */
function first(patch: Patch, card: Partial<Card>, property: keyof Card, isChanged: boolean, entry: (old: Entry) => Entry | null): void {
  if (!isChanged) return;
  const [id, old] = Object.entries((card[property] as Record<Id, Entry> | null | undefined) ?? {})[0] ?? [null, {}];
  put(patch, card, property, id, entry(old));
}

/** Says one entry: by its place where there are others, else with all of them (RFC 8620 §5.3: what lies above it has to be there). */
function put(patch: Patch, card: Partial<Card>, property: keyof Card, id: Id | null, entry: Entry | null): void {
  const isThere = card[property] !== undefined && card[property] !== null;
  if (isThere) {
    if (id === null && entry === null) return;
    const at = id ?? fresh(card[property] as object, patch, `${property}/`);
    patch[`${property}/${at.replaceAll("~", "~0").replaceAll("/", "~1")}`] = entry;
  } else if (entry) {
    const said = (patch[property] as Record<Id, Entry> | undefined) ?? {};
    patch[property] = { ...said, [fresh(said, {}, "")]: entry };
  }
}

/** An id that no entry has. */
function fresh(entries: object, patch: Patch, before: string): Id {
  for (let at = 1; ; at++) if (!(`n${at}` in entries) && !(`${before}n${at}` in patch)) return `n${at}`;
}
