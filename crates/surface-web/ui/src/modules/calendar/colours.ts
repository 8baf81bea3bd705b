// The colour of a calendar on the page: as somebody chose it, on any ground. Text stands on a tint of it, never on it.

/** What calendars without a colour get, by their ids: it stays when others come or go. */
const OTHERS = ["#2563eb", "#0f766e", "#b45309", "#7c3aed", "#be185d", "#4d7c0f"];

export function colourOf(colour: string | null, id: string): string {
  if (colour && /^#[0-9a-f]{6}$/i.test(colour)) return colour;
  const sum = [...id].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  return OTHERS[sum % OTHERS.length] as string;
}
