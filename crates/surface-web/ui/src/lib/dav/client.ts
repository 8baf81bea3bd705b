// A small client of WebDAV (RFC 4918) for `/dav/`: one request with its conditions, and the properties of an answer.

import { connection } from "../connection.svelte";

export class DavError extends Error {
  constructor(readonly status: number) {
    super(`WebDAV ${status}`);
  }
}

export interface Entry {
  /** The address, as the server wrote it. */
  href: string;
  /** Each property that was found, by its local name, as text. */
  properties: Readonly<Record<string, string>>;
  isFolder: boolean;
}

export async function dav(method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit): Promise<Response> {
  const request: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) request.body = body;
  // Whoever signs on meanwhile may be another person: nothing goes out in their name.
  await connection.held();
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch {
    connection.lost();
    throw new DavError(0);
  }
  connection.reached();
  if (response.status === 401) {
    await connection.signedOn();
    return dav(method, path, headers, body);
  }
  if (!response.ok) throw new DavError(response.status);
  return response;
}

/** Properties of a resource, and with depth 1 of what is in it (RFC 4918 §9.1). `names` are written with their prefix: `D:`. */
export async function propfind(
  path: string, depth: 0 | 1, names: readonly string[], more: Record<string, string> = {},
): Promise<Entry[]> {
  const asked = names.map((name) => `<${name}/>`).join("");
  const body = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop>${asked}</D:prop></D:propfind>`;
  const headers = { ...more, depth: String(depth), "content-type": "application/xml; charset=utf-8" };
  const response = await dav("PROPFIND", path, headers, body);
  return entries(await response.text());
}

/** The entries of a multistatus, with what was found of each (RFC 4918 §13). */
export function entries(text: string): Entry[] {
  const document = new DOMParser().parseFromString(text, "application/xml");
  return [...document.getElementsByTagNameNS("DAV:", "response")].map((response) => {
    const properties: Record<string, string> = {};
    let isFolder = false;
    for (const found of response.getElementsByTagNameNS("DAV:", "propstat")) {
      const status = found.getElementsByTagNameNS("DAV:", "status")[0]?.textContent ?? "";
      if (!/ 200 /.test(`${status} `)) continue;
      for (const property of found.getElementsByTagNameNS("DAV:", "prop")[0]?.children ?? []) {
        const isSet = property.localName === "current-user-privilege-set";
        properties[property.localName] = (isSet ? privileges(property) : property.textContent) ?? "";
        isFolder ||= property.getElementsByTagNameNS("DAV:", "collection").length > 0;
      }
    }
    return { href: response.getElementsByTagNameNS("DAV:", "href")[0]?.textContent ?? "", properties, isFolder };
  });
}

/** The names of privileges (RFC 3744 §5.5), by spaces. */
function privileges(set: Element): string {
  const all = [...set.getElementsByTagNameNS("DAV:", "privilege")];
  return all.map((it) => it.firstElementChild?.localName ?? "").join(" ");
}
