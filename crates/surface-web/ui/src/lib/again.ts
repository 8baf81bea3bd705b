// What others and other programs have changed is seen as often as this while one looks, and when one comes back.

/** In milliseconds. */
const AGAIN = 60_000;

/** Looks again and again, until what comes back is called; made for `$effect(() => again(look))`. */
export function again(look: () => void): () => void {
  const run = () => document.visibilityState === "visible" && look();
  const timer = setInterval(run, AGAIN);
  document.addEventListener("visibilitychange", run);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", run);
  };
}
