// In which order one wants tasks; this browser keeps that.

import { SORTS, type Sort } from "./order";

const KEY = "office.tasks.sort";

class Sorting {
  by = $state<Sort>(kept());

  use(sort: Sort): void {
    this.by = sort;
    try {
      localStorage.setItem(KEY, sort);
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
  }
}

function kept(): Sort {
  try {
    return SORTS.find((it) => it === localStorage.getItem(KEY)) ?? "due";
  } catch {
    return "due";
  }
}

export const sorting = new Sorting();
