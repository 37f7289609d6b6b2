import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, embedded, tested } from "./examples.js";
import { bad, good } from "./finding.js";
import { summarise } from "./summary.js";

const BAD_HEADERS = { finding: bad("Bad."), isKeptOut: false };
const KEPT_OUT = { finding: bad("Bad."), isKeptOut: true };

test("without the script, nothing can be shared", () => {
  assert.deepEqual(summarise(alone({ hasScript: false, test: undefined })), [
    "bad",
    "Nothing can be shared: cookie-provider.js did not load.",
  ]);
  assert.match(summarise(embedded({ hasScript: false, test: undefined }))[1], /^Nothing can be shared here: /);
});

test("before the bridge has answered, nothing is said", () => {
  assert.deepEqual(summarise(embedded({ test: undefined, headers: KEPT_OUT })), ["not known", "Checking…"]);
});

test("a bridge that does not answer is named with its code, unless its headers keep this page out", () => {
  const test = tested("unreachable");
  assert.deepEqual(summarise(embedded({ test })), ["bad", "Nothing can be shared here: the bridge does not answer (timeout)."]);
  assert.equal(summarise(embedded({ test, headers: BAD_HEADERS }))[0], "bad");
  assert.deepEqual(summarise(alone({ test, headers: KEPT_OUT })), [
    "not known",
    "The bridge's own headers keep this page from asking it: see below.",
  ]);
});

test("a domain that is not trusted counts before everything else that the bridge can say", () => {
  for (const state of [embedded({ isTrusted: false }), alone({ isTrusted: false, headers: BAD_HEADERS })]) {
    assert.deepEqual(summarise(state), ["bad", "Nothing can be shared on https://shop.example: the bridge does not trust it."]);
  }
});

test("as a page of its own it says nothing about domains, but whether the bridge works", () => {
  assert.match(summarise(alone())[1], /^The bridge works and trusts https:\/\/shop\.example\. To see/);
  assert.match(summarise(alone({ domain: undefined, isTrusted: undefined }))[1], /^The bridge works\. To see/);
  assert.equal(summarise(alone())[0], "not known");
  assert.match(summarise(alone({ headers: BAD_HEADERS }))[1], /its headers stand in the way/);
  assert.match(summarise(alone({ test: tested("blocked"), headers: BAD_HEADERS }))[1], /refuses the bridge's own cookies/);
});

test("a shared jar shares without a click", () => {
  assert.deepEqual(summarise(embedded()), ["good", "Sessions are shared here without a click."]);
  assert.deepEqual(summarise(embedded({ via: "storage-access" })), [
    "good",
    "Sessions are shared here without a click, because of an earlier permission.",
  ]);
  assert.equal(summarise(embedded({ headers: { finding: good("Good."), isKeptOut: false } }))[0], "good");
});

test("what is not known or wrong beside it is a condition", () => {
  assert.deepEqual(summarise(embedded({ isTrusted: undefined })), [
    "attention",
    "Sessions are shared here without a click, if the bridge trusts this domain.",
  ]);
  assert.deepEqual(summarise(embedded({ isTrusted: undefined, headers: BAD_HEADERS, via: "storage-access" })), [
    "attention",
    "Sessions are shared here without a click, because of an earlier permission, if the bridge trusts this domain " +
      "and once the bridge's headers are corrected.",
  ]);
});

test("a jar that is not shared leaves the popup, which the visitor can try", () => {
  const test = tested("partitioned", { canRequestAccess: true });
  assert.deepEqual(summarise(embedded({ test })), ["attention", "Sessions are shared here with one click. Try way 3 to be sure."]);
  assert.deepEqual(summarise(embedded({ test, popup: "works" })), ["good", "Sessions are shared here with one click."]);
  assert.match(summarise(embedded({ test, popup: "failed" }))[1], /if the browser grants storage access\.$/);
  assert.deepEqual(summarise(embedded({ test, popup: "refused" })), [
    "bad",
    "Nothing can be shared here: the browser refuses the bridge's cookies everywhere.",
  ]);
});

test("storage access that needs the popup first does not help where the popup does not work", () => {
  const test = tested("partitioned", { code: "access-needs-visit" });
  assert.match(summarise(embedded({ test, popup: "failed" }))[1], /Only a link is left\.$/);
});

test("where neither the popup nor storage access helps, a link is left", () => {
  assert.deepEqual(summarise(embedded({ test: tested("blocked"), popup: "failed" })), [
    "bad",
    "Nothing can be shared here: the cookie jar is blocked, and the popup did not work. Only a link is left.",
  ]);
});
