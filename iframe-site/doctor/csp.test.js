import assert from "node:assert/strict";
import { test } from "node:test";
import { allowsAncestor, allowsInline, allowsWasm, covers, limitsAncestors, readPolicies } from "./csp.js";

const BRIDGE = "https://bridge.example";
const SHOP = "https://shop.example";

/** Asserts which of the origins a word covers. */
const assertCovers = (word, self, { yes = [], no = [] }) => {
  for (const origin of yes) assert.equal(covers(word, origin, self), true, `${word} covers ${origin}`);
  for (const origin of no) assert.equal(covers(word, origin, self), false, `${word} does not cover ${origin}`);
};

test("a header is read into policies of directives", () => {
  const [policy, ...others] = readPolicies(
    " Default-Src 'none' ;; frame-ancestors  'self'\thttps://Shop.Example;upgrade-insecure-requests ",
  );
  assert.deepEqual(others, []);
  assert.deepEqual(
    [...(policy ?? [])],
    [
      ["default-src", ["'none'"]],
      ["frame-ancestors", ["'self'", "https://shop.example"]],
      ["upgrade-insecure-requests", []],
    ],
  );
});

test("no header, or one without a directive, is no policy", () => {
  for (const header of [null, "", " ; ", ",", "; , ;"]) assert.deepEqual(readPolicies(header), [], String(header));
});

test("several headers arrive joined by commas and are several policies", () => {
  const policies = readPolicies("script-src 'self', frame-ancestors *,, default-src 'none'");
  assert.deepEqual(
    policies.map((policy) => [...policy.keys()]),
    [["script-src"], ["frame-ancestors"], ["default-src"]],
  );
});

test("of a repeated directive the first one applies", () => {
  const [policy] = readPolicies("frame-ancestors https://a.example; FRAME-ANCESTORS https://b.example");
  assert.deepEqual(policy?.get("frame-ancestors"), ["https://a.example"]);
});

test("a host covers itself at the usual port of the scheme", () => {
  assertCovers("https://shop.example", BRIDGE, {
    yes: [SHOP],
    no: ["https://shop.example:8443", "http://shop.example", "https://www.shop.example", "https://shop.example.evil.test"],
  });
  assertCovers("https://shop.example:443", BRIDGE, { yes: [SHOP], no: ["https://shop.example:8443"] });
  assertCovers("https://shop.example/path/", BRIDGE, { yes: [SHOP] });
});

test("a port is compared, and * covers all ports", () => {
  assertCovers("https://shop.example:8443", BRIDGE, { yes: ["https://shop.example:8443"], no: [SHOP] });
  assertCovers("https://shop.example:*", BRIDGE, { yes: [SHOP, "https://shop.example:8443"], no: ["http://shop.example"] });
  assertCovers("http://shop.example:80", BRIDGE, { yes: ["http://shop.example"], no: [SHOP] });
});

test("a wildcard covers every name below it, at any depth, and not itself", () => {
  assertCovers("https://*.shop.example", BRIDGE, {
    yes: ["https://www.shop.example", "https://a.b.shop.example"],
    no: [SHOP, "https://myshop.example", "https://www.shop.example:8443", "http://www.shop.example"],
  });
  assertCovers("https://*", BRIDGE, { yes: [SHOP], no: ["https://shop.example:8443", "http://shop.example"] });
  assertCovers("https://*:*", BRIDGE, { yes: [SHOP, "https://shop.example:8443"] });
  assertCovers("*", BRIDGE, { yes: [SHOP, "http://shop.example:8080"] });
});

test("http covers https, and https covers no http", () => {
  assertCovers("http://shop.example", BRIDGE, { yes: [SHOP, "http://shop.example"] });
  assertCovers("https:", BRIDGE, { yes: [SHOP, "https://shop.example:8443"], no: ["http://shop.example"] });
  assertCovers("http:", BRIDGE, { yes: [SHOP, "http://shop.example:8080"] });
  assertCovers("data:", BRIDGE, { no: [SHOP] });
});

test("a host without a scheme has that of the page", () => {
  assertCovers("shop.example", BRIDGE, { yes: [SHOP], no: ["http://shop.example"] });
  assertCovers("shop.example", "http://bridge.example", { yes: [SHOP, "http://shop.example"] });
  assertCovers("shop.localhost:8080", "http://bridge.localhost:8080", { yes: ["http://shop.localhost:8080"] });
});

test("'self' covers the page's own origin, also over https instead of http", () => {
  assertCovers("'self'", BRIDGE, { yes: [BRIDGE], no: [SHOP, "https://bridge.example:8443", "http://bridge.example"] });
  assertCovers("'self'", "http://bridge.example", { yes: [BRIDGE], no: ["https://bridge.example:8443"] });
  assertCovers("'self'", "http://bridge.example:8080", { yes: ["https://bridge.example:8080"], no: [BRIDGE] });
});

test("'none', other keywords and words of no known form cover nothing", () => {
  const words = ["'none'", "'unsafe-inline'", "self", "https://", "https://*shop.example", "https://shop.*", "https://shop.example:x"];
  for (const word of words) assertCovers(word, BRIDGE, { no: [SHOP, BRIDGE] });
});

test("without frame-ancestors everybody may embed the page", () => {
  const policies = readPolicies("default-src 'none', script-src 'self'");
  assert.equal(limitsAncestors(policies), false);
  assert.equal(allowsAncestor(policies, SHOP, BRIDGE), true);
  assert.equal(limitsAncestors([]), false);
  assert.equal(allowsAncestor([], SHOP, BRIDGE), true);
});

test("frame-ancestors lets in those whom a word covers", () => {
  const policies = readPolicies("frame-ancestors 'self' https://shop.example");
  assert.equal(limitsAncestors(policies), true);
  assert.equal(allowsAncestor(policies, SHOP, BRIDGE), true);
  assert.equal(allowsAncestor(policies, BRIDGE, BRIDGE), true);
  assert.equal(allowsAncestor(policies, "https://evil.test", BRIDGE), false);
});

test("an empty frame-ancestors, and 'none', let nobody in", () => {
  for (const header of ["frame-ancestors", "frame-ancestors 'none'"]) {
    const policies = readPolicies(header);
    assert.equal(limitsAncestors(policies), true, header);
    assert.equal(allowsAncestor(policies, SHOP, BRIDGE), false, header);
    assert.equal(allowsAncestor(policies, BRIDGE, BRIDGE), false, header);
  }
});

test("every policy has to let an ancestor in", () => {
  const policies = readPolicies("frame-ancestors 'self' https://shop.example, frame-ancestors 'self', default-src *");
  assert.equal(allowsAncestor(policies, SHOP, BRIDGE), false);
  assert.equal(allowsAncestor(policies, BRIDGE, BRIDGE), true);
});

test("WebAssembly runs where script-src, or else default-src, names it in every policy", () => {
  const allowed = (header) => allowsWasm(readPolicies(header));
  assert.equal(allowed(null), true);
  assert.equal(allowed("frame-ancestors 'none'"), true);
  assert.equal(allowed("script-src 'self' 'wasm-unsafe-eval'"), true);
  assert.equal(allowed("script-src 'unsafe-eval'"), true);
  assert.equal(allowed("default-src 'wasm-unsafe-eval'"), true);
  assert.equal(allowed("script-src 'self'"), false);
  assert.equal(allowed("script-src"), false);
  assert.equal(allowed("default-src 'none'"), false);
  assert.equal(allowed("default-src 'wasm-unsafe-eval'; script-src 'self'"), false);
  assert.equal(allowed("script-src 'wasm-unsafe-eval', script-src *"), false);
});

test("an inline script runs if each policy has a hash of it, or allows all", () => {
  const hashes = ["'sha256-abc='", "'sha384-def'"];
  const allows = (header) => allowsInline(readPolicies(header), hashes);
  for (const header of [
    null,
    "img-src data:",
    "script-src 'sha256-ABC='",
    "default-src 'none'; script-src 'self' 'sha384-DEF'",
    "script-src 'none'; script-src-elem 'sha256-abc='",
    "default-src 'unsafe-inline'",
    "script-src 'sha256-abc=', script-src 'unsafe-inline'",
  ]) {
    assert.equal(allows(header), true, header);
  }
  for (const header of [
    "script-src 'sha256-other='",
    "default-src 'none'",
    "script-src 'self'",
    "script-src 'unsafe-inline' 'sha256-other='",
    "script-src 'unsafe-inline' 'nonce-x'",
    "script-src 'unsafe-inline' 'strict-dynamic'",
    "script-src 'sha256-abc='; script-src-elem 'self'",
    "script-src 'sha256-abc=', default-src 'none'",
  ]) {
    assert.equal(allows(header), false, header);
  }
});
