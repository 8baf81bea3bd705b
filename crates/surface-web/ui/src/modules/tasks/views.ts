// What is looked at across all lists.

export const VIEWS = ["today", "planned", "all"] as const;
export type View = (typeof VIEWS)[number];
