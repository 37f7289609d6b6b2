import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, embedded } from "../examples.js";
import { askTrusted } from "./trusted.js";

/** A provider that answers so. */
const answering = (isTrusted) => ({ isTrusted: async () => isTrusted });

test("the bridge's answer is passed on", async () => {
  const { isTrusted, finding } = await askTrusted(answering(true), embedded());
  assert.deepEqual([isTrusted, finding.status], [true, "good"]);
});

test("a domain that is not trusted is told what to do, and plain http something else", async () => {
  const domainOf = (domain) => askTrusted(answering(false), embedded({ domain }));
  const { isTrusted, finding } = await domainOf("https://evil.test");
  assert.deepEqual([isTrusted, finding.status], [false, "bad"]);
  assert.match(finding.todo, /Add "https:\/\/evil\.test" to TRUSTED_DOMAINS/);
  assert.match((await domainOf("http://evil.test")).finding.todo, /over https/);
  assert.match((await domainOf("http://shop.localhost:8080")).finding.todo, /TRUSTED_DOMAINS/);
});

test("without a domain nobody is asked", async () => {
  const found = async (state) => {
    const { isTrusted, finding } = await askTrusted(answering(true), state);
    assert.deepEqual([isTrusted, finding.status], [undefined, "not known"]);
    return finding.found;
  };
  assert.equal(await found(alone({ domain: undefined })), "No domain was given.");
  assert.match(await found(embedded({ domain: undefined })), /does not reveal/);
  assert.equal(await found(alone({ domain: undefined, typed: "a b" })), "“a b” is not the address of a domain.");
});

test("a question that fails leaves it unknown", async () => {
  const failing = { isTrusted: () => Promise.reject(Object.assign(new Error(), { code: "timeout" })) };
  const { isTrusted, finding } = await askTrusted(failing, embedded());
  assert.equal(isTrusted, undefined);
  assert.match(finding.found, /\(timeout\)/);
  assert.match((await askTrusted(undefined, embedded())).finding.found, /cookie-provider\.js did not load/);
});
