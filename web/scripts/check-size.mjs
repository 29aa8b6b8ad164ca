/**
 * The limits of what a browser must load, measured on the built files.
 *
 * "First paint" is the entry with everything it imports statically; the overview with its charts is the
 * largest page of the first morning minute.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_PAINT_MAX_KB = 320;
const OVERVIEW_MAX_KB = 650;
const SIDEBAR_MAX_KB = 220;
const FORM_MAX_KB = 16;
const OVERVIEW_LAZY = ["src/charts/EChart.tsx"];

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** Every file a chunk needs before it runs. */
function filesOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the manifest.`);
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

function compressedKb(files) {
  const bytes = [...files].map((file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length);
  return bytes.reduce((sum, size) => sum + size, 0) / 1000;
}

const first = filesOf("index.html");
const overview = new Set(first);
for (const key of OVERVIEW_LAZY) for (const file of filesOf(key)) overview.add(file);

let failed = false;
for (const [name, files, limit] of [
  ["script before first paint", first, FIRST_PAINT_MAX_KB],
  ["overview with its charts", overview, OVERVIEW_MAX_KB],
  ["page beside chats", filesOf("sidebar.html"), SIDEBAR_MAX_KB],
  ["page of a form", filesOf("form.html"), FORM_MAX_KB],
]) {
  const size = compressedKb(files);
  failed ||= size > limit;
  console.log(`${size <= limit ? "ok  " : "FAIL"} ${name}: ${size.toFixed(1)} kB of ${limit} kB (gzip)`);
}
process.exitCode = failed ? 1 : 0;
