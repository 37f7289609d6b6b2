import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (file) => readFileSync(new URL(file, import.meta.url), "utf8");
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);

test("doctor.html has a row for every check, and no other", () => {
  const [, type = ""] = /@typedef \{("secure"[^}]*)\} Check/.exec(read("rows.js")) ?? [];
  assert.deepEqual(all(read("doctor.html"), /data-check="([^"]+)"/g).sort(), all(type, /"([^"]+)"/g).sort());
});

test("every check that is shown has its row", () => {
  const rows = all(read("doctor.html"), /data-check="([^"]+)"/g).sort();
  const shown = new Set(all(read("doctor.js"), /#rows\.show\("([^"]+)"/g));
  assert.deepEqual([...shown].sort(), rows);
});
