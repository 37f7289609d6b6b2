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

test("nothing is unpacked to nothing", () => {
  assert.equal(unpack("").length, 0);
});
