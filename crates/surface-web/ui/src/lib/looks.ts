// One look at a time.

/** Looks. What is asked for while one looks is one look behind that, however often it was asked. */
export function looks(look: () => Promise<void>): () => Promise<void> {
  let looking = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= looking.then(() => {
      next = null;
      return (looking = look());
    });
    return next;
  };
}
