import assert from "node:assert/strict";
import { test } from "node:test";
import { makeKey, seal, toText, unseal } from "./seal.js";

const SESSION = "session of Maja, ü, 😀";

test("a session is opened with the key that it was sealed for", async () => {
  const { kept, shown } = await makeKey();
  const [peer, sealed] = await seal(SESSION, shown);
  assert.ok(!atob(sealed).includes("Maja"));
  // A note is kept as JSON.
  assert.equal(await unseal(JSON.parse(JSON.stringify(kept)), peer, sealed), SESSION);
});

test("another key does not open it, and neither does a changed text", async () => {
  const { kept, shown } = await makeKey();
  const [peer, sealed] = await seal(SESSION, shown);
  const other = await makeKey();
  await assert.rejects(unseal(other.kept, peer, sealed));
  await assert.rejects(unseal(kept, other.shown, sealed));
  const changed = sealed.startsWith("A") ? "B" + sealed.slice(1) : "A" + sealed.slice(1);
  await assert.rejects(unseal(kept, peer, changed));
  await assert.rejects(unseal(kept, peer, "no base64!"));
});

test("one session is never sealed twice to the same text", async () => {
  const { shown } = await makeKey();
  const [first, second] = await Promise.all([seal(SESSION, shown), seal(SESSION, shown)]);
  assert.notEqual(first[0], second[0]);
  assert.notEqual(first[1], second[1]);
});

test("what is no public key seals nothing", async () => {
  for (const peer of ["", "AAAA", "no base64!"]) await assert.rejects(seal(SESSION, peer), undefined, peer);
});

test("bytes become text of letters that an address and JSON hold", () => {
  assert.equal(toText(new Uint8Array([0, 255, 62])), "AP8+");
  assert.equal(toText(new Uint8Array([0, 255]).buffer), "AP8=");
});
