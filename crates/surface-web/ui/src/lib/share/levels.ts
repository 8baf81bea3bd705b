// What somebody may do, as one says it, beside the rights that JMAP has for it: those go together in stores here (docs/JMAP.md).

export type Rights = Readonly<Record<string, boolean>>;

export interface Level {
  word: "read" | "write" | "manage";
  /** What is given with it. */
  rights: Rights;
}

const granted = (...names: string[]): Rights => Object.fromEntries(names.map((name) => [name, true]));

const [READS, WRITES, MANAGES] = [["mayReadFreeBusy", "mayReadItems"], ["mayWriteAll", "mayUpdatePrivate", "mayRSVP"], ["mayShare", "mayDelete"]];

export const OF_CALENDARS: readonly Level[] = [
  { word: "read", rights: granted(...READS) },
  { word: "write", rights: granted(...READS, ...WRITES) },
  { word: "manage", rights: granted(...READS, ...WRITES, ...MANAGES) },
];

export const OF_TASK_LISTS: readonly Level[] = [
  { word: "read", rights: granted("mayReadItems") },
  { word: "write", rights: granted("mayReadItems", ...WRITES) },
  { word: "manage", rights: granted("mayReadItems", ...WRITES, "mayAdmin", "mayDelete") },
];

export const OF_NOTEBOOKS: readonly Level[] = [
  { word: "read", rights: granted("mayReadItems") },
  { word: "write", rights: granted("mayReadItems", "mayWriteAll") },
  { word: "manage", rights: granted("mayReadItems", "mayWriteAll", "mayAdmin", "mayDelete") },
];

export const OF_BOOKS: readonly Level[] = [
  { word: "read", rights: granted("mayRead") },
  { word: "write", rights: granted("mayRead", "mayWrite") },
  { word: "manage", rights: granted("mayRead", "mayWrite", ...MANAGES) },
];

/** The level that somebody's rights are; empty for rights that nobody gives here. */
export function levelOf(rights: Rights, levels: readonly Level[]): Level["word"] | "" {
  const held = (it: Rights): string => Object.keys(it).filter((name) => it[name]).sort().join();
  return levels.find((level) => held(level.rights) === held(rights))?.word ?? "";
}
