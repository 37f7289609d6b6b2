import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { startContact } from "./contact.js";

const CONTACT = { ContactId: "contact", ParticipantId: "participant", ParticipantToken: "token" };
const CHAT = { contactId: "contact", participantId: "participant", participantToken: "token" };

test("a contact is started without a past if there is none", async () => {
  const start = mock.fn(async () => CONTACT);
  assert.deepEqual(await startContact(start, null, "ENTIRE_PAST_SESSION", assert.fail), CHAT);
  assert.deepEqual(start.mock.calls[0].arguments, []);
});

test("an answer may be wrapped as the service's own proxies wrap it", async () => {
  const start = async () => ({ data: { startChatResult: CONTACT } });
  assert.deepEqual(await startContact(start, null, undefined, assert.fail), CHAT);
});

test("a contact goes on from the one that has ended", async () => {
  const start = mock.fn(async () => CONTACT);
  await startContact(start, "ended", "FROM_SEGMENT", assert.fail);
  assert.equal(start.mock.callCount(), 1);
  assert.deepEqual(start.mock.calls[0].arguments, [{ SourceContactId: "ended", RehydrationType: "FROM_SEGMENT" }]);
});

test("a past that is refused is told, and the contact begins without it", async () => {
  const refused = new Error("the service has forgotten it");
  const start = async (past) => {
    if (past) throw refused;
    return CONTACT;
  };
  const onError = mock.fn();
  assert.deepEqual(await startContact(start, "ended", "ENTIRE_PAST_SESSION", onError), CHAT);
  assert.deepEqual(onError.mock.calls[0].arguments, [refused]);
});

test("an answer without a part of the contact is the page's mistake", async () => {
  for (const answer of [undefined, null, {}, { ...CONTACT, ParticipantToken: "" }, { data: { startChatResult: {} } }])
    await assert.rejects(
      startContact(async () => answer, null, undefined, assert.fail),
      TypeError,
    );
});
