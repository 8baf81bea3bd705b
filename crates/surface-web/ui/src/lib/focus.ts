// The focus is never nowhere (WCAG 2.2, 2.4.3 and 2.4.7): when what had it is taken away, is hidden or can no longer be used, it goes to the
// row beside it, else to where one came from, else to the beginning of what is left around it.

/** How many places that one has been at are remembered. */
const REMEMBERED = 16;
/** What can have the focus by keys. */
const REACHED = "a[href], button, input, select, textarea, summary, iframe, [tabindex], [contenteditable=true]";

/** Where the focus is, with what stands around it: the innermost first, each with its neighbours. */
interface Spot {
  element: HTMLElement;
  around: readonly { element: Element; beside: readonly (Element | null)[] }[];
}

const been: HTMLElement[] = [];
let spot: Spot | null = null;
let isLooking = false;

/** Begins to look after the focus, once for the page. */
export function startFocus(): void {
  addEventListener("focusin", ({ target }) => target instanceof HTMLElement && note(target));
  // Who clicks beside everything wants it to be nowhere.
  addEventListener("pointerup", () => requestAnimationFrame(() => isNowhere() && spot && isUsable(spot.element) && (spot = null)));
  const changes = new MutationObserver(() => {
    if (isLooking || !spot) return;
    isLooking = true;
    requestAnimationFrame(() => {
      isLooking = false;
      look();
    });
  });
  changes.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "disabled", "hidden", "open"] });
}

/** The first thing in `place` that keys reach. */
export function firstIn(place: Element): HTMLElement | undefined {
  return [...place.querySelectorAll<HTMLElement>(REACHED)].find((it) => it.tabIndex >= 0 && isUsable(it));
}

/** Goes into a drawer that has opened; what comes back goes to where one was, unless one has gone elsewhere by then. */
export function enter(drawer: HTMLElement): () => void {
  const from = document.activeElement;
  firstIn(drawer)?.focus();
  return () => {
    const now = document.activeElement;
    if (from instanceof HTMLElement && (isNowhere() || drawer.contains(now))) from.focus({ preventScroll: true });
  };
}

/** Keeps Tab within `place`: the last thing is followed by the first. */
export function stayIn(place: HTMLElement, event: KeyboardEvent): void {
  const all = [...place.querySelectorAll<HTMLElement>(REACHED)].filter((it) => it.tabIndex >= 0 && isUsable(it));
  const [first, last] = event.shiftKey ? [all.at(-1), all[0]] : [all[0], all.at(-1)];
  if (document.activeElement !== last || !first) return;
  event.preventDefault();
  first.focus();
}

function note(element: HTMLElement): void {
  const around: Spot["around"][number][] = [];
  for (let it: Element | null = element; it && it !== document.body; it = it.parentElement) {
    around.push({ element: it, beside: it.matches("li, tr") ? [it.nextElementSibling, it.previousElementSibling] : [] });
  }
  spot = { element, around };
  const at = been.indexOf(element);
  if (at >= 0) been.splice(at, 1);
  been.push(element);
  if (been.length > REMEMBERED) been.shift();
}

function isNowhere(): boolean {
  return !document.activeElement || document.activeElement === document.body;
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(":disabled") && element.checkVisibility({ visibilityProperty: true });
}

function look(): void {
  const { activeElement } = document;
  const isLost = isNowhere() || (spot?.element === activeElement && !isUsable(spot.element));
  if (!spot || !isLost || isUsable(spot.element)) return;
  const { around } = spot;
  spot = null;
  for (const place of ways(around)) {
    place.focus({ preventScroll: true });
    if (document.activeElement === place) return;
  }
}

/** Where it may go, the best first. A field to type into is entered by nobody who did not ask for it. */
function* ways(around: Spot["around"]): Generator<HTMLElement> {
  const beside = around.flatMap((it) => it.beside).filter((it) => it?.isConnected);
  for (const row of beside) {
    const found = row && firstIn(row);
    if (found) yield found;
  }
  const content = document.getElementById("content");
  yield* been.toReversed().filter((it) => isUsable(it) && content?.contains(it) && !it.matches("input, textarea, [role=textbox]"));
  for (const { element } of around) {
    const found = element.isConnected && !element.contains(content) && firstIn(element);
    if (found) yield found;
  }
  if (content) yield content;
}
