// What went wrong, in words that help.

import { problemIn } from "../../lib/jmap/problem";

export const problem = problemIn("contacts");
