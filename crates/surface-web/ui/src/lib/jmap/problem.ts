// What went wrong with an object of JMAP's, in words of the module that it is of.

import { t } from "../i18n.svelte";
import { JmapError } from "./client";
import { Refused } from "./types";

const REFUSED: Record<string, string> = {
  forbidden: "forbidden",
  accountReadOnly: "forbidden",
  notFound: "gone",
  overQuota: "full",
  tooLarge: "large",
  invalidProperties: "refused",
  invalidPatch: "refused",
  alreadyExists: "taken",
};

/** For the messages `<module>-problem-...`. */
export function problemIn(module: string): (error: unknown) => string {
  return (error) => {
    const word = error instanceof Refused ? error.error.type : error instanceof JmapError ? error.type : "";
    return t(`${module}-problem-${REFUSED[word] ?? "away"}`);
  };
}
