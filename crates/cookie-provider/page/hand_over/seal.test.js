import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { makeKey, seal, toText, unseal } from "./seal.js";

const recorded = JSON.parse(readFileSync(new URL("../../../bridge-protocol/fixtures/hand-over.json", import.meta.url), "utf8"));

const SESSION = "session of Maja, ü, 😀";

test("a session is opened with the key that it was sealed for", async () => {
  const { kept, shown } = await makeKey();
  const [peer, sealed] = await seal(SESSION, shown);
  assert.ok(!Buffer.from(sealed, "base64url").includes("Maja"));
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

test("what is recorded is opened", async () => {
  const { give, notes, sessions } = recorded;
  assert.deepEqual(JSON.parse(await unseal(notes.asked.key, give.key, give.sealed)), sessions);
});

test("many sessions are sealed together", async () => {
  const { kept, shown } = await makeKey();
  const text = SESSION.repeat(20000);
  assert.equal(await unseal(kept, ...(await seal(text, shown))), text);
});

test("bytes become text that a fragment holds as it is", () => {
  assert.equal(toText(new Uint8Array([0, 255, 62])), "AP8-");
  assert.equal(toText(new Uint8Array([255, 255]).buffer), "__8");
  assert.equal(toText(new Uint8Array()), "");
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.equal(toText(all), Buffer.from(all).toString("base64url"));
});

test("keys and sealed texts have letters, digits, - and _ only, and no length breaks them", async () => {
  const { kept, shown } = await makeKey();
  for (const text of ["", "a", "ab", "abc"]) {
    const words = await seal(text, shown);
    for (const word of [shown, ...words]) assert.match(word, /^[\w-]+$/);
    assert.equal(await unseal(kept, ...words), text);
  }
});
