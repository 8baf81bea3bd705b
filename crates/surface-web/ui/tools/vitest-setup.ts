// What the units see of a browser when they run in node.

import { vi } from "vitest";

vi.stubGlobal("navigator", { onLine: true, languages: ["en-GB"] });
vi.stubGlobal("addEventListener", () => undefined);
vi.stubGlobal("location", { hash: "", origin: "https://garonne.test" });
