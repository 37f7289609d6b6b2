import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf } from "./origin.js";

test("the origin of an address has neither its path nor its default port", () => {
  assert.equal(originOf("https://Bridge.example:443/iframe.html?a#b"), "https://bridge.example");
  assert.equal(originOf("http://bridge.localhost:8080"), "http://bridge.localhost:8080");
});

test("what is no address has an empty origin", () => {
  for (const address of [undefined, null, "", "inline", "/iframe.html", {}, 1, Symbol("address")]) assert.equal(originOf(address), "");
});

test("an address without an origin of its own is as opaque as in the browser", () => {
  assert.equal(originOf("data:text/html,"), "null");
});
