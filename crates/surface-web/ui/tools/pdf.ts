// What pdf.js fetches when a PDF asks for it: its worker, the fonts that every PDF may name without bringing them, tables of East Asian
// encodings, and decoders of two kinds of images. They lie in one folder that is named by its version, because pdf.js puts their
// names together itself; a newer pdf.js has another folder, so that a browser may keep them for good.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const ROOT = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));

/** Which files of which folders. Decoders come as scripts: WebAssembly would need another policy of the worker. The engine for scripts
 * within PDFs (`pdf.sandbox`, `quickjs`) is not among them. */
const PARTS: readonly [string, RegExp][] = [
  ["legacy/build", /^pdf\.worker\.min\.mjs$/],
  ["standard_fonts", /\.(pfb|ttf)$|^LICENSE/],
  ["cmaps", /\.bcmap$|^LICENSE/],
  ["wasm", /_nowasm_fallback\.js$|^LICENSE_(PDFJS_)?(JBIG2|OPENJPEG)$/],
];

export function pdfParts(): Plugin {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  return {
    name: "office-pdf",
    apply: "build",
    generateBundle() {
      for (const [folder, wanted] of PARTS) {
        for (const name of readdirSync(join(ROOT, folder)).filter((it) => wanted.test(it))) {
          const called = name === "LICENSE" ? `LICENSE_${folder}.txt` : name.startsWith("LICENSE") ? `${name}.txt` : name;
          const fileName = `assets/office/pdf-${version}/${called}`;
          this.emitFile({ type: "asset", fileName, source: readFileSync(join(ROOT, folder, name)) });
        }
      }
    },
  };
}
