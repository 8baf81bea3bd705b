// The places of the module in addresses: `#/files/at/OWNER/folder/folder`.

import { names, type Place } from "../../lib/dav/files";
import { href } from "../../lib/router.svelte";

export const at = (place: Place): string => href(["files", "at", place.owner, ...names(place.path)]);

/** The folder that an address names; `null` for another view. */
export function placeOf(parts: readonly string[], me: string): Place | null {
  if (parts[1] === undefined) return { owner: me, path: "" };
  return parts[1] === "at" && parts[2] ? { owner: parts[2], path: parts.slice(3).join("/") } : null;
}
