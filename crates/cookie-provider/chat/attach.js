// Ties a chat to a provider. All that is known here of a chat is `start` and `follow`; the adapters beside this file, and anybody
// else's, say what those do in one chat system. docs/chat-systems.md describes the interface.

import { LACKS_CONSENT, OWN_SESSION, REMOVE_OWN_SESSION } from "../page/cookies.js";
import { within } from "../page/wait.js";

/** @typedef {import("../page/provider.js").CookieProvider} Provider */

/**
 * @param {Provider} provider
 * @param {BridgedChat} chat
 * @param {{ wait?: number }} [options]
 */
export const attachChat = (provider, chat, { wait } = {}) => {
  /**
   * What the chat goes on with; null while there is no conversation.
   * @type {string | null}
   */
  let current = null;
  let isStarted = false;

  /** @param {string | null} session */
  const start = async (session) => {
    isStarted = true;
    current = session;
    try {
      if ((await chat.start(session, bridge)) !== false || session === null) return;
      // The chat system knows of no such session any more: it is offered to nobody again.
      await bridge.end().catch(() => {});
      await chat.start(null, bridge);
    } catch (error) {
      console.error(error);
    }
  };
  /** @param {string | null} session */
  const arrive = async (session) => {
    if (!isStarted || session === current) return;
    current = session;
    // The page's own cookie follows, too.
    if (session) await provider.loadCookie().catch(() => {});
    else provider[REMOVE_OWN_SESSION]();
    try {
      await chat.follow?.(session, bridge);
    } catch (error) {
      console.error(error);
    }
  };

  /** @type {ChatBridge} */
  const bridge = {
    save(session) {
      current = session ?? provider[OWN_SESSION]();
      return provider.saveCookie(session);
    },
    end() {
      current = null;
      return provider.clearCookie();
    },
    async continueSession(options) {
      const result = await provider.continueSession(options);
      if (result.loaded) await arrive(result.value);
      return result;
    },
  };

  for (const type of /** @type {const} */ (["loaded", "change"])) provider.on(type, ({ value }) => arrive(value));
  // A chat must start even if nobody answers, and at once if nobody may be asked yet; what comes later is followed.
  const loaded = provider.loadCookie();
  within(loaded, provider[LACKS_CONSENT]?.() ? 0 : wait).then((result) => {
    // Nobody but the bridge has set it, and the bridge could be asked and has none, nor has it lost one: it was ended elsewhere.
    const isEnded = chat.setsNoCookie && result?.jar === "shared" && !result.loaded && !result.code && result.via !== "local";
    if (isEnded) provider[REMOVE_OWN_SESSION]();
    start(provider[OWN_SESSION]());
  });
  loaded.then(
    /** @returns {unknown} */ (result) => result.loaded && arrive(result.value),
    () => {},
  );
  return bridge;
};
