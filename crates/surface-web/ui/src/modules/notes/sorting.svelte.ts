// In which order one wants notes; this browser keeps that.

import { choice } from "../../lib/choice.svelte";
import { SORTS } from "./note";

export const sorting = choice("office.notes.sort", SORTS, "updated");
