// Amazon Connect, through the vendor's own ChatJS.
import { startContact } from "./connect/contact.js";
import { takingPart } from "./connect/participation.js";
import { read } from "./connect/session.js";
import { takingTurns } from "./connect/turns.js";

/**
 * @template Session
 * @param {AmazonConnectOptions<Session>} options
 * @returns {AmazonConnectChat<Session>}
 */
export const amazonConnect = (options) => {
  const { start, persistentChat, onEnded, onError = console.error } = options;
  /** @type {ChatBridge} */
  let bridge;
  /**
   * The contact that the next one goes on from.
   * @type {string | null | undefined}
   */
  let endedContactId;

  /**
   * The conversation is over, on every domain.
   * @param {string} contactId
   */
  const finish = async (contactId) => {
    leave();
    if (persistentChat) endedContactId = contactId;
    onEnded?.();
    try {
      await (persistentChat ? bridge.save(JSON.stringify({ endedContactId })) : bridge.end());
    } catch (error) {
      onError(error);
    }
  };

  const inTurn = takingTurns();
  const { join, resume, leave, current } = takingPart(options, inTurn, finish, onError);

  /** @type {() => void} */
  let isStarted;
  /** @type {Promise<void>} */
  const started = new Promise((resolve) => (isStarted = resolve));

  return {
    setsNoCookie: true,

    async start(text, itsBridge) {
      bridge = itsBridge;
      try {
        return await inTurn(
          /** @returns {Promise<false | void>} */
          async () => {
            if (text === null) return;
            const told = read(text);
            if (told.endedContactId && persistentChat) endedContactId = told.endedContactId;
            else if (!told.chat || !(await join(told.chat, true))) {
              if (!told.chat || !persistentChat) return false;
              await finish(told.chat.contactId);
            }
          },
        );
      } catch (error) {
        // It is out of reach, but nobody said that it is over: the visitor's next message tries again.
        onError(error);
      } finally {
        // Once `false` is dealt with, which ends the session: not the one that the visitor's first message is about to begin.
        setTimeout(isStarted);
      }
    },

    follow: (text) =>
      inTurn(async () => {
        const told = read(text);
        if (told.chat) return resume(told.chat);
        const left = leave();
        endedContactId = persistentChat && told.endedContactId;
        if (left) onEnded?.();
      }),

    async open() {
      await started;
      return inTurn(async () => {
        const session = current();
        if (session) return session;
        const before = leave();
        const rejoined = before && (await join(before, true));
        if (rejoined) return rejoined;
        if (before && persistentChat) endedContactId = before.contactId;
        const begun = await startContact(start, endedContactId, persistentChat, onError);
        endedContactId = null;
        // From here on a reload goes on with it.
        bridge.save(JSON.stringify(begun)).catch(onError);
        const joined = await join(begun, false);
        if (joined) return joined;
        await finish(begun.contactId);
        throw new Error("The service refuses the contact that was started.");
      });
    },
  };
};
