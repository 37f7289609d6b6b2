import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeHeaders } from "./headers.js";

const BRIDGE = "https://bridge.example";
const SHOP = "https://shop.example";
const POLICY = `default-src 'none'; script-src 'sha256-X' 'wasm-unsafe-eval'; frame-ancestors 'self' ${SHOP}`;
const GOOD = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": POLICY,
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "cross-origin",
};

/** The scripts of iframe.html, the second with another hash than the policy has. */
const script = (text, hash) => ({ text, type: "", id: "", isInline: true, hashes: [hash] });
const PROGRAM = script("list-unreadable", "'sha256-x'");
const EDITED_LIST = script("const TRUSTED_DOMAINS = []", "'sha256-y'");

/** Judges the good headers with some of them replaced; `null` removes one. */
const judge = (changes = {}, state = {}, scripts = [PROGRAM]) => {
  const headers = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== null);
  const defaults = { domain: SHOP, needsWasm: true, place: { origin: BRIDGE } };
  return judgeHeaders({ headers: new Headers(headers), scripts }, { ...defaults, ...state });
};

/** Asserts the status of such headers, and what is found. */
const assertFound = (changes, status, found, state) => {
  const { finding } = judge(changes, state);
  assert.equal(finding.status, status, JSON.stringify(changes));
  assert.match(finding.found, found, JSON.stringify(changes));
};

const LET_WORK = /let the bridge work/;

test("the headers that bridge-server sends are good", () => {
  assert.deepEqual(judge(), {
    finding: { status: "good", found: "The headers of iframe.html let the bridge work.", todo: "" },
    isKeptOut: false,
  });
  assertFound({ "content-type": "TEXT/HTML" }, "good", LET_WORK);
  assertFound({}, "good", LET_WORK, { domain: undefined });
});

test("a policy without frame-ancestors, or none, limits nobody, also if one is only reported", () => {
  const unlimited = /No Content-Security-Policy limits/;
  assertFound({ "content-security-policy": null }, "attention", unlimited);
  assertFound({ "content-security-policy": "script-src 'sha256-x' 'wasm-unsafe-eval'" }, "attention", unlimited);
  assertFound({ "content-security-policy": null, "content-security-policy-report-only": POLICY }, "attention", unlimited);
  assert.match(judge({ "content-security-policy": null }).finding.todo, /frame-ancestors 'self' https:\/\/shop\.example and so on/);
});

test("a policy that is only reported forbids nothing", () => {
  assertFound({ "content-security-policy-report-only": "default-src 'none'; frame-ancestors 'none'" }, "good", LET_WORK);
});

test("a domain that is not among the ancestors is named, with what to add", () => {
  const { finding, isKeptOut } = judge({}, { domain: "https://help.example" });
  assert.deepEqual(finding, {
    status: "bad",
    found: "Content-Security-Policy does not let https://help.example embed the bridge.",
    todo: "Add https://help.example to frame-ancestors.",
  });
  assert.equal(isKeptOut, false);
});

test("a policy that lets the domain in but not this page keeps the doctor out", () => {
  const { finding, isKeptOut } = judge({ "content-security-policy": `frame-ancestors ${SHOP}` });
  assert.deepEqual([finding.status, finding.todo, isKeptOut], ["attention", "Add 'self' to frame-ancestors.", true]);
  const none = judge({ "content-security-policy": "frame-ancestors 'none'" });
  assert.deepEqual([none.finding.status, none.isKeptOut], ["bad", false]);
  assert.match(none.finding.found, /shop\.example embed the bridge\. .* this page embed the bridge\.$/);
});

test("all of several policies have to let the domain in", () => {
  assertFound({ "content-security-policy": `${POLICY}, frame-ancestors 'self'` }, "bad", /does not let https:\/\/shop\.example/);
  assertFound({ "content-security-policy": `${POLICY}, img-src data:` }, "good", LET_WORK);
});

test("a policy without 'wasm-unsafe-eval' matters only where the bridge needs it", () => {
  const without = { "content-security-policy": POLICY.replace(" 'wasm-unsafe-eval'", "") };
  assertFound(without, "bad", /keeps the bridge's program from running/);
  assertFound(without, "good", LET_WORK, { needsWasm: false });
});

test("X-Frame-Options forbids, and beside frame-ancestors in old browsers only", () => {
  assertFound({ "x-frame-options": "DENY" }, "attention", /in old browsers\.$/);
  assertFound({ "x-frame-options": "SAMEORIGIN", "content-security-policy": null }, "bad", /X-Frame-Options .* bridge\.$/);
});

test("Cross-Origin-Opener-Policy cuts popups off with its known values only", () => {
  const name = "cross-origin-opener-policy";
  const values = ["same-origin", "same-origin-allow-popups", "noopener-allow-popups", 'same-origin; report-to="x"'];
  for (const value of values) assertFound({ [name]: value }, "bad", /cuts the popup off/);
  for (const value of ["unsafe-none", "same-origin-plus-COEP", "SAME-ORIGIN", ""]) assertFound({ [name]: value }, "good", LET_WORK);
});

test("Permissions-Policy forbids storage access unless it lets the bridge have it", () => {
  const name = "permissions-policy";
  const forbidding = ["storage-access=()", 'storage-access=("https://shop.example")', "storage-access=*, storage-access=()"];
  for (const value of forbidding) assertFound({ [name]: value }, "bad", /Permissions-Policy forbids/);
  const allowing = ["camera=()", "storage-access=*", "storage-access = (self)", `camera=(), storage-access=("${BRIDGE}")`];
  for (const value of allowing) assertFound({ [name]: value }, "good", LET_WORK);
});

test("only text/html is a page", () => {
  for (const value of [null, "text/plain", "text/html5", "application/xhtml+xml"]) {
    assertFound({ "content-type": value }, "bad", /Content-Type is not text\/html/);
  }
});

test("of several problems all are named, and the worst counts", () => {
  const { finding } = judge({ "content-type": "text/plain", "x-frame-options": "DENY" });
  assert.equal(finding.status, "bad");
  assert.equal(finding.todo, "Remove X-Frame-Options. Send Content-Type: text/html.");
});

test("a script whose hash the policy does not have is named", () => {
  const list = judge({}, {}, [EDITED_LIST, PROGRAM]).finding;
  assert.deepEqual([list.status, /hash of the script with TRUSTED_DOMAINS/.test(list.found)], ["bad", true]);
  assert.match(list.todo, /check-site/);
  const updated = judge({}, {}, [script("list-unreadable", "'sha256-z'")]).finding;
  assert.match(updated.found, /hash of the bridge's script/);
  assert.equal(judge({}, {}, [{ ...EDITED_LIST, type: "application/json" }]).finding.status, "good", "no policy applies to data");
  assert.equal(judge({}, {}, [{ ...EDITED_LIST, hashes: [] }]).finding.status, "good", "it is not known");
});

test("what pages with an embedder policy need is told, and needed by no others", () => {
  for (const changes of [
    { "cross-origin-embedder-policy": null },
    { "cross-origin-embedder-policy": "unsafe-none" },
    { "cross-origin-resource-policy": null },
    { "cross-origin-resource-policy": "same-site" },
  ]) {
    const { finding } = judge(changes);
    assert.deepEqual([finding.status, /^Only if a domain/.test(finding.todo)], ["good", true], JSON.stringify(changes));
  }
  assert.equal(judge({ "cross-origin-embedder-policy": 'credentialless; report-to="x"' }).finding.todo, "");
});
