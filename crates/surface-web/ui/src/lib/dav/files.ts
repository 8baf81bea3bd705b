// Files by WebDAV: places, folders, and what is done to them.

import { dav, DavError, propfind, type Entry } from "./client";

/** A place in somebody's files: names joined by "/", empty for the whole tree. */
export interface Place {
  owner: string;
  path: string;
}

export interface Item {
  name: string;
  isFolder: boolean;
  /** In octets. */
  size: number;
  modified: Date | null;
  /** The media type; empty for a folder. */
  type: string;
  /** Which content a file has (RFC 9110 §8.8.3); empty for a folder, and where the store does not say. */
  etag: string;
}

/** What one may do in a folder. */
export interface Rights {
  add: boolean;
  remove: boolean;
  manage: boolean;
}

export interface Room {
  used: number;
  /** `null` where the store does not say. */
  free: number | null;
}

const PROPERTIES = ["D:resourcetype", "D:getcontentlength", "D:getlastmodified", "D:getcontenttype", "D:getetag"];

export const names = (path: string): string[] => path.split("/").filter(Boolean);
export const within = (place: Place, name: string): Place => ({ owner: place.owner, path: [...names(place.path), name].join("/") });
export const above = (place: Place): Place => ({ owner: place.owner, path: names(place.path).slice(0, -1).join("/") });
export const nameOf = (place: Place): string => names(place.path).at(-1) ?? "";
export const isSame = (one: Place, other: Place): boolean => one.owner === other.owner && one.path === other.path;
/** Whether they are the same, or one is in the other. */
export const overlap = (one: Place, other: Place): boolean => {
  const [a, b] = [names(one.path), names(other.path)];
  return one.owner === other.owner && (a.length < b.length ? a : b).every((_, at) => a[at] === b[at]);
};

/** The address of a file, or with a slash at its end of a folder. */
export function address(place: Place, isFolder = false): string {
  const way = [place.owner, ...names(place.path)].map(encodeURIComponent).join("/");
  return `/dav/files/${way}${isFolder ? "/" : ""}`;
}

/** What a page of ours asks about a place (`/preview`). */
export function preview(place: Place, more: Record<string, string>): string {
  return `/preview?${new URLSearchParams({ owner: place.owner, folder: place.path, ...more })}`;
}

/** What is in a folder. */
export async function list(place: Place): Promise<Item[]> {
  const here = address(place, true);
  const found = await propfind(here, 1, PROPERTIES);
  return found.filter((it) => decoded(it.href) !== decoded(here)).map(item);
}

/** What one may do there. */
export async function rights(place: Place): Promise<Rights> {
  const [found] = await propfind(address(place, true), 0, ["D:current-user-privilege-set"]);
  const held = new Set((found?.properties["current-user-privilege-set"] ?? "").split(" "));
  const all = held.has("all");
  const write = all || held.has("write");
  return { add: write || held.has("bind"), remove: write || held.has("unbind"), manage: all || held.has("write-acl") };
}

export async function room(owner: string): Promise<Room | null> {
  const [found] = await propfind(address({ owner, path: "" }, true), 0, ["D:quota-used-bytes", "D:quota-available-bytes"]);
  const used = found?.properties["quota-used-bytes"];
  const free = found?.properties["quota-available-bytes"];
  return used ? { used: Number(used), free: free ? Number(free) : null } : null;
}

export async function makeFolder(place: Place): Promise<void> {
  await dav("MKCOL", address(place, true));
}

/** Moves a file or folder, or gives it another name; what is there already is kept (412). */
export function move(from: Place, to: Place, isFolder: boolean): Promise<Response> {
  return dav("MOVE", address(from, isFolder), { destination: location.origin + address(to, isFolder), overwrite: "F" });
}

export function copy(from: Place, to: Place, isFolder: boolean): Promise<Response> {
  return dav("COPY", address(from, isFolder), { destination: location.origin + address(to, isFolder), overwrite: "F" });
}

/** The condition that it is still what it was. A weak tag matches none (RFC 9110 §13.1.1), so that it makes no condition. */
export function conditionOf(etag: string): Record<string, string> {
  return etag && !etag.startsWith("W/") ? { "if-match": etag } : {};
}

/** Removes it, where it is still what `etag` says (412); what is gone already is gone. */
export async function remove(place: Place, isFolder: boolean, etag = ""): Promise<void> {
  await dav("DELETE", address(place, isFolder), conditionOf(etag)).catch((error: unknown) => {
    if (!(error instanceof DavError && error.status === 404)) throw error;
  });
}

function item(entry: Entry): Item {
  const { properties, isFolder, href } = entry;
  const modified = properties.getlastmodified ? new Date(properties.getlastmodified) : null;
  return {
    name: names(decoded(href)).at(-1) ?? "",
    isFolder,
    size: Number(properties.getcontentlength ?? 0),
    modified,
    type: isFolder ? "" : (properties.getcontenttype ?? "").split(";")[0] ?? "",
    etag: isFolder ? "" : (properties.getetag ?? ""),
  };
}

/** The path of an address, decoded. Names have no slash, so that nothing is mistaken. */
function decoded(href: string): string {
  try {
    return decodeURIComponent(new URL(href, location.origin).pathname);
  } catch {
    return href;
  }
}
