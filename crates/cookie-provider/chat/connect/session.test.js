import assert from "node:assert/strict";
import { test } from "node:test";
import { chatOf, read } from "./session.js";

const CHAT = { contactId: "contact", participantId: "participant", participantToken: "token" };

test("a session says which chat to go on with", () => {
  assert.deepEqual(read(JSON.stringify(CHAT)), { chat: CHAT, endedContactId: null });
});

test("a session says which contact has ended", () => {
  assert.deepEqual(read('{"endedContactId":"contact"}'), { chat: null, endedContactId: "contact" });
});

test("what is carried besides goes no further", () => {
  const { chat } = read(JSON.stringify({ ...CHAT, connectionDetails: { connectionToken: "secret" } }));
  assert.deepEqual(chat, CHAT);
});

test("a session of another chat system says nothing", () => {
  for (const session of [null, "", "session-of-maja", "null", '"text"', "[]", "{}"]) {
    const { chat, endedContactId } = read(session);
    assert.deepEqual([chat ?? null, endedContactId ?? null], [null, null], String(session));
  }
});

test("a chat has all three parts, each a text that a cookie stores unchanged", () => {
  for (const part of [undefined, null, "", 1, true, {}, ["a"], "a;b", "a\u007f", "ü", "a\nb"]) {
    assert.equal(chatOf(part, "participant", "token"), null, JSON.stringify(part));
    assert.equal(chatOf("contact", part, "token"), null, JSON.stringify(part));
    assert.equal(chatOf("contact", "participant", part), null, JSON.stringify(part));
    assert.equal(read(JSON.stringify({ endedContactId: part })).endedContactId, null, JSON.stringify(part));
  }
  assert.deepEqual(chatOf("contact", "participant", "token"), CHAT);
});
