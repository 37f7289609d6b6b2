// A new conversation.
import { chatOf } from "./session.js";

/**
 * Has the site start a contact, with the past of an ended one if there is any.
 * @param {AmazonConnectOptions<unknown>["start"]} start
 * @param {string | null | undefined} endedContactId
 * @param {AmazonConnectOptions<unknown>["persistentChat"]} persistentChat how much of that past
 * @param {(error: unknown) => void} onError
 */
export const startContact = async (start, endedContactId, persistentChat, onError) => {
  /**
   * Whatever the page's function answers.
   * @type {(Partial<AmazonConnectContact> & { data?: { startChatResult?: Partial<AmazonConnectContact> } }) | undefined}
   */
  let answer;
  if (endedContactId) {
    try {
      const past = { SourceContactId: endedContactId, RehydrationType: persistentChat };
      answer = await start(/** @type {AmazonConnectPersistentChat} */ (past));
    } catch (error) {
      // The service may have forgotten that contact: better a conversation without its past than none.
      onError(error);
    }
  }
  answer ??= await start();
  const { ContactId, ParticipantId, ParticipantToken } = answer?.data?.startChatResult ?? answer ?? {};
  const started = chatOf(ContactId, ParticipantId, ParticipantToken);
  if (!started) throw new TypeError("start() has to answer with ContactId, ParticipantId and ParticipantToken.");
  return started;
};
