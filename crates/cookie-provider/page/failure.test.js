import assert from "node:assert/strict";
import { test } from "node:test";
import { failure } from "./failure.js";

test("a failure is an error with a name, a stable code and a text for people", () => {
  const error = failure("popup-blocked", "The browser blocked the popup.");
  assert.ok(error instanceof Error);
  assert.equal(error.code, "popup-blocked");
  assert.equal(String(error), "CookieBridgeError: The browser blocked the popup.");
});
