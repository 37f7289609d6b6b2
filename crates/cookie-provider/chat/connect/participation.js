// This page's part in a chat: joins, stays in through what ChatJS gives up at, and leaves.
import { isRefusal } from "./refusal.js";
import { gather } from "./transcript.js";

/** @typedef {import("./session.js").Chat} Chat */

/** How often the service is asked before it counts as out of reach, and the milliseconds before the second time, which double. */
const TRIES = 3;
const PAUSE = 1000;

/** @param {number} tries */
const pause = (tries) => new Promise((resolve) => setTimeout(resolve, PAUSE * 2 ** (tries - 1)));

/**
 * @template Session
 * @param {AmazonConnectOptions<Session>} options
 * @param {ReturnType<typeof import("./turns.js").takingTurns>} inTurn
 * @param {(contactId: string) => Promise<void>} finish the conversation is over, on every domain
 * @param {(error: unknown) => void} onError
 */
export const takingPart = ({ connect = window.connect, region, onSession, onTranscript }, inTurn, finish, onError) => {
  /**
   * The conversation.
   * @type {Chat | null}
   */
  let chat = null;
  /**
   * ChatJS's session, while this page takes part in it.
   * @type {(Session & ChatJsSession) | null}
   */
  let session = null;
  // Connections in a row that came to nothing.
  let losses = 0;

  /** Returns the chat that was left, if there was one. */
  const leave = () => {
    const left = chat;
    // Not disconnectParticipant, which would end the chat for the other domain, too. ChatJS has a public name for it only for
    // agents; should it lose this one, what the session still hears is ignored.
    session?.controller?.breakConnection?.();
    session = chat = null;
    return left;
  };

  /** @param {Session & ChatJsSession} joined */
  const listen = (joined) => {
    const isCurrent = () => joined === session;
    const end = () => isCurrent() && finish(/** @type {Chat} */ (chat).contactId);
    const again = () => reconnect(isCurrent);
    gather(
      joined,
      isCurrent,
      onTranscript,
      () => (losses = 0),
      // It may have ended before the socket could tell.
      (error) => (isRefusal(error) ? again() : onError(error)),
    );
    joined.onEnded(end);
    const disconnect = joined.disconnectParticipant.bind(joined);
    joined.disconnectParticipant = async () => {
      const done = await disconnect().catch((error) => {
        // A chat that had ended already is what was wanted.
        if (!isRefusal(error)) throw error;
      });
      end();
      return done;
    };
    // ChatJS opens a lost socket again by itself, but gives up for good if the service does not answer at that moment.
    joined.onConnectionBroken(again);
  };

  /**
   * Takes part in a chat; null if the service refuses it. Fails if the service cannot be asked; the chat is kept then.
   * @param {Chat} wanted
   * @param {boolean} resumed
   */
  const join = async (wanted, resumed) => {
    leave();
    chat = wanted;
    let joined;
    for (let tries = 1; ; tries++) {
      // Without its metrics, which want a worker and a host of their own in the page's Content-Security-Policy.
      /** @satisfies {ChatJsArguments} */
      const args = { type: "CUSTOMER", chatDetails: { ...wanted }, options: { region }, disableCSM: true };
      joined = /** @type {Session & ChatJsSession} */ (connect.ChatSession.create(args));
      listen(joined);
      try {
        await joined.connect();
        session = joined;
        break;
      } catch (error) {
        if (isRefusal(error)) return (chat = null);
        if (tries === TRIES) throw error;
      }
      await pause(tries);
    }
    onSession?.(joined, { resumed });
    return joined;
  };

  /** @param {Chat} wanted */
  const resume = async (wanted) => {
    try {
      if (!(await join(wanted, true))) await finish(wanted.contactId);
    } catch (error) {
      onError(error);
    }
  };

  /** @param {() => boolean} isCurrent */
  const reconnect = (isCurrent) =>
    inTurn(async () => {
      if (!isCurrent()) return;
      if (++losses > TRIES) {
        // The visitor's next message tries again.
        chat = leave();
        losses = 0;
        onError(new Error("The chat's connection does not last."));
        return;
      }
      await pause(losses);
      // The visitor may have ended it meanwhile.
      if (isCurrent()) await resume(/** @type {Chat} */ (chat));
    });

  return { join, resume, leave, current: () => session };
};
