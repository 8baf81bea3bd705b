// Where one is: `#/module/part/part?query`. The server sees none of it, so that a portal may frame the office at one address.

class Router {
  #at = $state.raw(read());

  constructor() {
    addEventListener("popstate", () => (this.#at = read()));
    addEventListener("hashchange", () => (this.#at = read()));
  }

  /** The parts of the way, decoded; the first is the module. */
  get parts(): readonly string[] {
    return this.#at.parts;
  }

  get module(): string {
    return this.#at.parts[0] ?? "";
  }

  get query(): URLSearchParams {
    return this.#at.query;
  }

  /** Goes to an address as [`href`] makes it. With `replace` the browser's way back does not stop at where one was. */
  go(href: string, replace = false): void {
    if (href === location.hash) return;
    history[replace ? "replaceState" : "pushState"](null, "", href);
    this.#at = read();
  }

  back(): void {
    history.back();
  }
}

/** The address of a place, for links and [`Router.go`]. */
export function href(parts: readonly string[], query?: Record<string, string>): string {
  const search = new URLSearchParams(query).toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

function read(): { parts: string[]; query: URLSearchParams } {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { parts: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

/** What nobody could have written stands as it is. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const router = new Router();
