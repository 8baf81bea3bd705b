// Where the links of a page lead: to the web or to somebody's address, or to a page of the same file. Everything else that a PDF may
// ask for (to start a program, to run a script, to send a form, to open another file) leads nowhere.

/** What pdf.js tells of an annotation, as far as it matters here. */
export interface Annotation {
  subtype?: string;
  rect: number[];
  url?: string;
  dest?: unknown;
  action?: string;
}

export type Target = { kind: "web"; href: string } | { kind: "page"; dest: unknown } | { kind: "step"; by: "first" | "last" | "next" | "before" };

const PROTOCOLS = new Set(["http:", "https:", "mailto:"]);
/** Named actions (ISO 32000-1, 12.6.4.11). */
const STEPS: ReadonlyMap<string, "first" | "last" | "next" | "before"> = new Map([
  ["FirstPage", "first"], ["LastPage", "last"], ["NextPage", "next"], ["PrevPage", "before"],
]);

export function target(annotation: Annotation): Target | null {
  if (annotation.subtype !== "Link") return null;
  const { url, dest, action } = annotation;
  if (url) {
    // Relative addresses would be ours.
    const to = URL.canParse(url) ? new URL(url) : null;
    return to && PROTOCOLS.has(to.protocol) ? { kind: "web", href: to.href } : null;
  }
  if (dest) return { kind: "page", dest };
  const step = action ? STEPS.get(action) : undefined;
  return step ? { kind: "step", by: step } : null;
}
