import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { adviceFor, codeOf } from "./advice.js";

const DOCUMENT = "Look it up in docs/errors.md of Cookie Bridge.";

test("an error with a code of ours is named by it", () => {
  assert.equal(codeOf(Object.assign(new Error("Too late"), { code: "timeout" })), "timeout");
});

test("the browser's own errors are named by their message", () => {
  assert.equal(codeOf(new Error("Failed to fetch")), "Failed to fetch");
  assert.equal(codeOf(new DOMException("Not allowed", "NotAllowedError")), "Not allowed");
  assert.equal(codeOf("text"), "text");
  assert.equal(codeOf(undefined), "undefined");
});

test("a known code has its advice, and any other the document", () => {
  assert.match(adviceFor("iframe-url-invalid"), /https/);
  for (const code of [null, "", "no-such-code", "constructor", "__proto__"]) {
    assert.equal(adviceFor(code), DOCUMENT, String(code));
  }
});

test("every code that has advice is in docs/errors.md", () => {
  const source = readFileSync(new URL("./advice.js", import.meta.url), "utf8");
  const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const codes = [...source.matchAll(/^ {2}"?([a-z-]+)"?:/gm)].map(([, code]) => code ?? "");
  assert.ok(codes.length >= 10, `${codes}`);
  for (const code of codes) {
    assert.ok(document.includes(`\`${code}\``), code);
    assert.notEqual(adviceFor(code), DOCUMENT, code);
  }
});
