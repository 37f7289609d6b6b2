import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "./refusal.js";

test("only the status 403 is a refusal, however often ChatJS wraps it", () => {
  const refusal = { statusCode: 403 };
  for (const error of [refusal, { _debug: refusal }, { _debug: { _debug: refusal }, statusCode: 500 }]) assert.ok(isRefusal(error));
});

test("any other failure says nothing about the chat", () => {
  for (const error of [undefined, null, "403", {}, new TypeError("Failed to fetch"), { statusCode: 429 }, { _debug: { statusCode: 500 } }])
    assert.equal(isRefusal(error), false);
});
