// In which order one wants tasks; this browser keeps that.

import { choice } from "../../lib/choice.svelte";
import { SORTS } from "./order";

export const sorting = choice("office.tasks.sort", SORTS, "due");
