import { expect, it } from "vitest";
import { idOf } from "./place";

// As `printf %s service | sha256sum | cut -c1-16 | xxd -r -p | base64` has it, with the letters of addresses.
it.each([["service", "CnfawJqjGwm4"], ["Été 2026", "CFXUjGMx1m5E"]])("%s has the id that JMAP tells", async (name, id) => expect(await idOf(name)).toBe(id));
