/**
 * Build the SDKs of `sdk/` into files the platform serves under `/sdk/`: one script for pages, one module for
 * mini programs. Their size is held to a limit, as every visitor of a shop pays for it.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const SIZE_MAX_KB = 6;
const SDKS = [
  { entry: "web", file: "quanyu.js", format: "iife" },
  { entry: "miniprogram", file: "quanyu-miniprogram.js", format: "cjs" },
];

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

for (const { entry, file, format } of SDKS) {
  await build({
    root: path("../../sdk"),
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    build: {
      // Browsers inside apps stay old for years.
      target: "es2018",
      outDir: path("../dist/sdk"),
      emptyOutDir: false,
      lib: {
        entry: path(`../../sdk/${entry}/index.ts`),
        formats: [format],
        name: "quanyuSdk",
        fileName: () => file,
      },
    },
  });
  const size = gzipSync(readFileSync(path(`../dist/sdk/${file}`)), { level: 9 }).length / 1000;
  const fits = size <= SIZE_MAX_KB;
  console.log(`${fits ? "ok  " : "FAIL"} ${file}: ${size.toFixed(1)} kB of ${SIZE_MAX_KB} kB (gzip)`);
  if (!fits) process.exitCode = 1;
}
