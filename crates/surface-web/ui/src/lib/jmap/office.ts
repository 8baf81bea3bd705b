// The one connection to JMAP that the office has, and what it hears on it.

import { Jmap } from "./client";
import { Events } from "./events";

export const jmap = new Jmap();
export const events = new Events(jmap);
