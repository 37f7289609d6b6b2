import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { allowsOwnScripts, isReturnPage } from "./return_page.js";

const PAGE = '<!DOCTYPE html><meta name="cookie-bridge">';

beforeEach(() => {
  globalThis.location = new URL("https://shop.example/cart");
});

afterEach(() => {
  delete globalThis.location;
  delete globalThis.fetch;
});

test("a policy that allows scripts of the own origin is one under which the page works", () => {
  for (const policy of [
    "",
    "img-src 'none'",
    "script-src 'self'",
    "default-src 'self'",
    "default-src 'none'; script-src https://shop.example",
    "SCRIPT-SRC *",
    "script-src 'none'; script-src-elem https:",
    "default-src 'self', script-src 'self'",
  ])
    assert.ok(allowsOwnScripts(policy), policy);
});

test("under any other policy it does not work", () => {
  for (const policy of [
    "script-src 'none'",
    "default-src https://cdn.example",
    "script-src 'self' 'strict-dynamic' 'nonce-1'",
    "script-src 'self', default-src 'none'",
    "sandbox",
    "script-src 'self'; sandbox allow-scripts",
    "default-src 'self', SANDBOX allow-forms",
  ])
    assert.ok(!allowsOwnScripts(policy), policy);
});

test("a page is a return page by its mark, not by its path", async () => {
  /** @param {string} body @param {ResponseInit} [init] */
  const answer = (body, init) => {
    globalThis.fetch = async () => new Response(body, init);
    return isReturnPage("/.well-known/cookie-bridge.html");
  };
  assert.equal(await answer(PAGE), true);
  assert.equal(await answer("<!DOCTYPE html>start page"), false);
  assert.equal(await answer(PAGE, { status: 404 }), false);
  assert.equal(await answer(PAGE, { headers: { "content-security-policy": "sandbox" } }), false);
  globalThis.fetch = () => Promise.reject(new TypeError("no network"));
  assert.equal(await isReturnPage("/.well-known/cookie-bridge.html"), false);
});
