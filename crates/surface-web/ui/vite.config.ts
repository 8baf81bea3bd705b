// How the office is built: no inlined assets, since a `fetch` of a data: address breaks the policy of the page.

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { generate } from "./tools/generate.ts";
import { finish } from "./tools/finish.ts";
import { pdfParts } from "./tools/pdf.ts";

generate();

export default defineConfig({
  plugins: [svelte(), pdfParts(), finish()],
  // The unit tests run in node, but see the browser's half of Svelte.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  build: {
    target: "es2022",
    assetsDir: "assets/office",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
  test: { include: ["src/**/*.test.ts"], setupFiles: ["tools/vitest-setup.ts"] },
});
