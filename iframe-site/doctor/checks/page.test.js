import assert from "node:assert/strict";
import { test } from "node:test";
import { hashesOf } from "../bridge-page.js";
import { page } from "./page.js";

const script = (text, changes = {}) => ({ text, type: "", id: "", isInline: true, hashes: [], ...changes });
const PROGRAM = script("(()=>{decline('list-unreadable')})()");
const LIST = script("const TRUSTED_DOMAINS = [];");
const ROCKET = { type: "0123456789abcdef-text/javascript" };
const json = (text) => script(text, { type: "application/json", id: "trusted-domains" });

/** What is found of a page with these scripts. */
const found = (scripts, code = null) => page({ scripts }, { test: { code } });

test("a page with its list and its script is good, in either form of the list", () => {
  assert.equal(found([LIST, PROGRAM]).status, "good");
  assert.equal(found([json("[]"), PROGRAM]).status, "good");
  assert.equal(
    found([
      { ...LIST, type: "text/javascript" },
      { ...PROGRAM, type: "module" },
    ]).status,
    "good",
  );
});

test("what has become of a page on its way is named", () => {
  for (const [scripts, what] of [
    [[], /has not the bridge's script/],
    [[LIST], /has not the bridge's script/],
    [[PROGRAM], /has no TRUSTED_DOMAINS/],
    [[LIST, { ...PROGRAM, ...ROCKET }], /type of the bridge's script to “0123/],
    [[{ ...LIST, ...ROCKET }, PROGRAM], /type of the list's script to “0123/],
    [[json("["), PROGRAM], /cannot be read \(SyntaxError/],
    [[json("{}"), PROGRAM], /is not an array/],
  ]) {
    const { status, found: text, todo } = found(scripts);
    assert.deepEqual([status, todo !== ""], ["bad", true], text);
    assert.match(text, what);
  }
});

test("a list whose script does not run is named, and so are scripts that were added", () => {
  const silent = found([LIST, PROGRAM], "list-unreadable");
  assert.deepEqual([silent.status, /does not run its script/.test(silent.found), /syntax error/.test(silent.todo)], ["bad", true, true]);
  for (const added of [script("var a"), script("", { isInline: false })]) {
    const { status, found: text } = found([added, LIST, PROGRAM]);
    assert.deepEqual([status, text], ["attention", "Something has added scripts to iframe.html (1)."]);
  }
});

test("hashes are as a policy has them", async () => {
  const [hash] = await hashesOf("alert('Hello, world.');");
  assert.equal(hash, "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='".toLowerCase());
});
