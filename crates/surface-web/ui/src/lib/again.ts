// What others and other programs have changed is seen when the server tells of it, as often as this while one looks, and when one comes back.

import { events } from "./jmap/office";
import type { Id } from "./jmap/types";

/** In milliseconds. */
const AGAIN = 60_000;
/** How long several changes that are told are waited for before one looks, in milliseconds. */
const CALM = 400;

/** Looks again and again, at one account where only that has changed, until what comes back is called; made for `$effect(() => again(types, look))`. */
export function again(types: readonly string[], look: (only?: Id) => void): () => void {
  const run = (only?: Id) => document.visibilityState === "visible" && look(only);
  const all = () => run();
  const timer = setInterval(all, AGAIN);
  let soon: ReturnType<typeof setTimeout> | undefined;
  let which: Id | undefined;
  const stop = events.listen((account, changed) => {
    if (!types.some((it) => changed.has(it))) return;
    which = soon === undefined || which === account ? account : undefined;
    clearTimeout(soon);
    soon = setTimeout(() => {
      soon = undefined;
      run(which);
    }, CALM);
  });
  document.addEventListener("visibilitychange", all);
  return () => {
    stop();
    clearTimeout(soon);
    clearInterval(timer);
    document.removeEventListener("visibilitychange", all);
  };
}
