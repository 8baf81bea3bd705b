// What a menu holds, and where it opens.

import type { IconName } from "./icons";

export interface MenuItem {
  id: string;
  label: string;
  run: () => void;
  icon?: IconName;
  /** The key that does the same, as it is shown. */
  key?: string;
  lang?: string;
  disabled?: boolean;
  danger?: boolean;
  /** Of several, one is chosen. */
  checked?: boolean;
}

/** How far from the edge of the window, and from the button, in pixels. */
const EDGE = 8;
const GAP = 4;

/** Puts a popover that is open below its button, or above where there is no room, and within the window. */
export function place(popup: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const start = document.documentElement.dir === "rtl" ? at.right - width : at.left;
  const left = Math.max(EDGE, Math.min(start, innerWidth - width - EDGE));
  const below = at.bottom + GAP;
  const top = below + height > innerHeight - EDGE && at.top - GAP - height > EDGE ? at.top - GAP - height : below;
  popup.style.left = `${left}px`;
  popup.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
}
