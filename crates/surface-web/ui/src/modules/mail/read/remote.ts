// Pictures of elsewhere, which are fetched by the gateway when the reader wants them: who sent the message learns neither who reads it
// nor from where. Where the gateway has no way to, they stay blocked. What was fetched is shown as a blob, like the parts of a message,
// so that nothing in the message asks for anything itself.

import { jmap } from "../../../lib/jmap/office";
import { isPictureType } from "./parts";

/** The capability under which the session tells the way: `{"url": "/...?url={url}"}`. */
const CAPABILITY = "urn:passerelle:params:jmap:pictures";
/** How many pictures of one message are fetched. */
const MOST = 50;
/** How many are fetched at once, over all messages: the gateway lets a person ask for eight. */
const AT_ONCE = 4;
/** Larger pictures are not shown, in octets. */
const LARGEST = 5 * 1024 * 1024;
/** How long one may take, in milliseconds; the gateway itself gives up sooner. */
const PATIENCE = 30_000;
/** A point that is not seen, before the picture is there. */
const POINT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** The way to pictures of elsewhere; none where there is none. */
export async function wayToPictures(): Promise<string | undefined> {
  const session = await jmap.session();
  const way = session.capabilities[CAPABILITY]?.["url"];
  return typeof way === "string" ? way.replace(/^https?:\/\/[^/]+/, "") : undefined;
}

let under = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (under >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else under++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else under--;
  }
}

/** The pictures of elsewhere in one message. */
export class RemotePictures {
  /** What stands for each address until its picture is there. */
  readonly #points = new Map<string, string>();
  readonly #shown: string[] = [];
  readonly #end = new AbortController();

  constructor(private readonly way: string) {}

  /** What is written in the place of an address; nothing once there are too many. */
  pointFor(address: string): string | undefined {
    const known = this.#points.get(address);
    if (known || this.#points.size >= MOST) return known;
    const point = `${POINT}#${this.#points.size}.`;
    this.#points.set(address, point);
    return point;
  }

  /** Fetches all and puts each in its place in the page as it comes; a broken one leaves an empty place. */
  async show(page: Document): Promise<void> {
    await Promise.all(
      [...this.#points].map(async ([address, point]) => {
        const places = placesOf(page, point);
        const found = await inTurn(() => this.#fetched(address)).catch(() => undefined);
        if (this.#end.signal.aborted) return;
        if (found) put(page, places, point, found);
        else for (const { node } of places) leave(node);
      }),
    );
  }

  /** Gives back what was fetched. */
  forget(): void {
    this.#end.abort();
    for (const address of this.#shown.splice(0)) URL.revokeObjectURL(address);
  }

  async #fetched(address: string): Promise<string> {
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(PATIENCE)]);
    const response = await fetch(this.way.replace("{url}", () => encodeURIComponent(address)), { credentials: "same-origin", signal });
    if (!response.ok) throw new Error(`${response.status} for a picture`);
    const picture = await response.blob();
    if (!isPictureType(picture.type) || picture.size > LARGEST) throw new Error("what came is no picture to show");
    // The page may have gone while it came.
    signal.throwIfAborted();
    const shown = URL.createObjectURL(picture);
    this.#shown.push(shown);
    return shown;
  }
}

/** Where in a page a picture belongs. */
interface Place {
  node: Element;
  name: string;
}

/** Takes a point out of attributes, where it would stand as large as the picture is wide. */
function placesOf(page: Document, point: string): Place[] {
  const places = ["src", "background"].flatMap((name) => [...page.querySelectorAll(`[${name}="${point}"]`)].map((node) => ({ node, name })));
  for (const { node, name } of places) node.removeAttribute(name);
  return places;
}

/** Leaves in the place of a picture what it would have said; of one that only counts who reads, nothing. */
function leave(node: Element): void {
  if (node.localName !== "img") return;
  const words = node.ownerDocument.createElement("span");
  words.className = "missing";
  words.textContent = node.getAttribute("alt");
  if (["width", "height"].some((it) => /^[01]$/.test(node.getAttribute(it) ?? ""))) node.remove();
  else node.replaceWith(words);
}

/** Puts a picture wherever a point has stood for it. */
function put(page: Document, places: Place[], point: string, picture: string): void {
  for (const { node, name } of places) node.setAttribute(name, picture);
  for (const node of page.querySelectorAll("[style]")) {
    const written = node.getAttribute("style") ?? "";
    if (written.includes(point)) node.setAttribute("style", written.replaceAll(point, picture));
  }
  for (const node of page.querySelectorAll("style")) {
    if (node.textContent.includes(point)) node.textContent = node.textContent.replaceAll(point, picture);
  }
}
