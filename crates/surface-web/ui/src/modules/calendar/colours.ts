// The colour of a calendar on the page: as somebody chose it, on any ground. Text stands on a tint of it, never on it.

/** What calendars without a colour get, by their order. */
const OTHERS = ["#2563eb", "#0f766e", "#b45309", "#7c3aed", "#be185d", "#4d7c0f"];

export function colourOf(colour: string | null, at: number): string {
  return colour && /^#[0-9a-f]{6}$/i.test(colour) ? colour : (OTHERS[at % OTHERS.length] as string);
}
