// One of several ways that somebody has chosen; this browser keeps which.

export interface Choice<T extends string> {
  readonly by: T;
  use: (one: T) => void;
}

export function choice<T extends string>(key: string, all: readonly T[], first: T): Choice<T> {
  let now = $state<T>(kept(key, all) ?? first);
  return {
    get by() {
      return now;
    },
    use(one) {
      now = one;
      try {
        localStorage.setItem(key, one);
      } catch {
        // A browser that keeps nothing: it holds until the page is closed.
      }
    },
  };
}

function kept<T extends string>(key: string, all: readonly T[]): T | undefined {
  try {
    return all.find((it) => it === localStorage.getItem(key));
  } catch {
    return undefined;
  }
}
