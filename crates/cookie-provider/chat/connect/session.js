// What is carried of a conversation: what StartChatContact answered, which is what a reload of the page needs, too; never
// `connectionDetails`, which hold a token of this page's own connection.

/**
 * A chat to go on with, as ChatJS takes it.
 * @typedef {object} Chat
 * @property {string} contactId
 * @property {string} participantId
 * @property {string} participantToken
 */

/**
 * What a cookie stores unchanged in every browser.
 * @param {unknown} value
 */
const isText = (value) => typeof value === "string" && /^[ -:<-~]+$/.test(value);

/**
 * A chat to go on with: these three and nothing else, or null if one of them is not there. ChatJS would not check.
 * @param {unknown} contactId
 * @param {unknown} participantId
 * @param {unknown} participantToken
 */
export const chatOf = (contactId, participantId, participantToken) =>
  [contactId, participantId, participantToken].every(isText) ? /** @type {Chat} */ ({ contactId, participantId, participantToken }) : null;

/**
 * What a session says: a chat, or the contact of one that has ended.
 * @param {string | null} session
 * @returns {{ chat?: Chat | null, endedContactId?: string | null }}
 */
export const read = (session) => {
  try {
    const { contactId, participantId, participantToken, endedContactId } = JSON.parse(/** @type {string} */ (session));
    const chat = chatOf(contactId, participantId, participantToken);
    return { chat, endedContactId: isText(endedContactId) ? endedContactId : null };
  } catch {
    // It says nothing.
    return {};
  }
};
