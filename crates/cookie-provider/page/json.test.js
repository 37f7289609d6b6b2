import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { toJson } from "./json.js";

afterEach(() => {
  for (const type of [Array, Object, String]) delete type.prototype.toJSON;
});

test("plain data is written as everywhere", () => {
  for (const data of [["cookie", "link"], { label: "Go on", list: [1, { a: null }], none: undefined }, "text", 1, null])
    assert.equal(toJson(data), JSON.stringify(data));
});

test("a method of a library's does not change what is written", () => {
  // Prototype.js 1.6 and 1.7.
  for (const type of [Array, Object, String])
    type.prototype.toJSON = function () {
      return `[${this}]`;
    };
  assert.equal(toJson({ names: ["a", "b"], label: "Go on" }), '{"names":["a","b"],"label":"Go on"}');
});

test("what cannot be written is empty", () => {
  const cycle = {};
  cycle.self = cycle;
  const throwing = {
    get label() {
      throw new Error("no");
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const data of [cycle, throwing, proxy, 1n, undefined, () => {}, Symbol("a")]) assert.equal(toJson(data), "");
});
