// What is done after a build: the service worker, which has to name the files, and a compressed twin of each text.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

/** What the service worker keeps from the start: the shell, and mail. */
const KEPT = ["index.html", "src/modules/mail/Mail.svelte"];

export function finish(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "office-finish",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle: {
      order: "post",
      sequential: true,
      handler(options) {
        const out = options.dir ?? config.build.outDir;
        const manifest = JSON.parse(readFileSync(join(out, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
        const worker = readFileSync(join(config.root, "tools/worker.js"), "utf8");
        const files = [...shell(manifest)].sort();
        const icons = readdirSync(join(out, "assets/office")).filter((name) => /^icons-.*\.svg$/.test(name));
        files.push(...icons.map((name) => `/assets/office/${name}`));
        const mark = createHash("sha256").update(files.join()).update(worker).digest("hex").slice(0, 16);
        writeFileSync(
          join(out, "sw.js"),
          worker.replace('"office-mark"', JSON.stringify(`office-${mark}`)).replace("[/* files */]", JSON.stringify(files)),
        );
        for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
          if (/\.(js|mjs|css|svg|ftl|pfb|ttf|txt)$/.test(name)) {
            writeFileSync(join(out, `${name}.gz`), gzipSync(readFileSync(join(out, name)), { level: 9 }));
          }
        }
      },
    },
  };
}

function shell(manifest: Record<string, Chunk>): Set<string> {
  const files = new Set<string>();
  const add = (key: string): void => {
    const chunk = manifest[key];
    if (!chunk || files.has(`/${chunk.file}`)) return;
    files.add(`/${chunk.file}`);
    for (const css of chunk.css ?? []) files.add(`/${css}`);
    for (const next of chunk.imports ?? []) add(next);
  };
  KEPT.forEach(add);
  return files;
}
