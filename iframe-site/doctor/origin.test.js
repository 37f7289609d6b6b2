import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlainHttp, readOrigin } from "./origin.js";

test("an origin is read from an address with or without its scheme", () => {
  assert.equal(readOrigin("https://shop.example/path?query#hash"), "https://shop.example");
  assert.equal(readOrigin("shop.example"), "https://shop.example");
  assert.equal(readOrigin("shop.example:8443/path"), "https://shop.example:8443");
  assert.equal(readOrigin("HTTPS://Shop.Example:443"), "https://shop.example");
  assert.equal(readOrigin("http://shop.example"), "http://shop.example");
  assert.equal(readOrigin("bücher.example"), "https://xn--bcher-kva.example");
});

test("what is no address of a web page has no origin", () => {
  for (const text of ["", " ", "a b", "https://", "data://text", "javascript:alert(1)", "<img src=x>"]) {
    assert.equal(readOrigin(text), undefined, text);
  }
});

test("plain http counts as such on other computers only", () => {
  assert.equal(isPlainHttp("http://shop.example"), true);
  assert.equal(isPlainHttp("http://localhost.example"), true);
  assert.equal(isPlainHttp("http://notlocalhost:8080"), true);
  for (const origin of ["http://localhost", "http://localhost:8080", "http://shop.localhost:80", "https://shop.example"]) {
    assert.equal(isPlainHttp(origin), false, origin);
  }
});
