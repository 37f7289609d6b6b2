import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { unpack } from "./unpack.js";

test("what the build packs is unpacked, every byte of it", () => {
  // The same file is what a test in xtask/src/bundle/text.rs expects of the packing.
  const text = readFileSync(new URL("all-bytes.txt", import.meta.url), "utf8");
  assert.deepEqual(
    [...unpack(text)],
    Array.from({ length: 256 }, (_, byte) => byte),
  );
});

test("a text that was changed on its way is refused", () => {
  const text = readFileSync(new URL("all-bytes.txt", import.meta.url), "utf8");
  const middle = text.length >> 1;
  const changed = [
    "",
    text.slice(0, -1),
    text.slice(1),
    text.replace("0123", "0213"),
    text.replace(" ", ""),
    text.replace("@", "[email protected]"),
    text.slice(0, middle) + "a" + text.slice(middle),
    text.replace("a", "\u00e4"),
  ];
  for (const other of changed) assert.throws(() => unpack(other), { code: "script-altered" });
});
