// Bot Framework's Direct Line. Its session is the conversation with a token for it, which is a credential: it is never logged.

const ONLINE = 2;
/** Refusals that no later attempt changes: the token has expired, or there is no such conversation any more. */
const STALE = [401, 403, 404];

/** @param {string | null} session */
const parse = (session) => {
  try {
    const { conversationId, token } = JSON.parse(/** @type {string} */ (session));
    return typeof conversationId === "string" && typeof token === "string" ? { conversationId, token } : null;
  } catch {
    return null;
  }
};

/**
 * @template Connection
 * @param {DirectLineOptions<Connection>} options
 * @returns {BridgedChat}
 */
export const directLine = ({ DirectLine, token, onConnection, ...options }) => {
  // The script's global has the class as a member.
  const Client = /** @type {new (options: object) => Connection & DirectLineConnection} */ (
    /** @type {{ DirectLine?: unknown }} */ (DirectLine).DirectLine ?? DirectLine
  );
  /** @type {DirectLineConnection | null} */
  let connection = null;
  let turn = 0;
  /**
   * Takes a token for the same conversation from another page.
   * @type {((session: string | null) => boolean) | null}
   */
  let adopt = null;

  /**
   * @param {string | null} session
   * @param {ChatBridge} bridge
   * @returns {Promise<false | void>}
   */
  const open = async (session, bridge) => {
    const mine = ++turn;
    connection?.end();
    connection = adopt = null;
    const known = /** @type {ReturnType<typeof parse>} */ (session && parse(session));
    if (session && !known) return false;
    const first = known?.token ?? (typeof token === "function" ? await token() : token);
    // The visitor may have gone on elsewhere meanwhile.
    if (mine !== turn) return;
    // Only polling brings what was said before.
    const line = new Client({ webSocket: false, ...options, token: first, conversationId: known?.conversationId });
    connection = line;

    // Before the visitor has said something there is nothing to go on with, and a greeting must not replace a conversation that
    // another domain has.
    let hasSpoken = Boolean(known);
    let current = first;
    let saved = session;
    const keep = () => {
      if (mine !== turn || !hasSpoken || !line.conversationId) return;
      const next = JSON.stringify({ conversationId: line.conversationId, token: current });
      if (next !== saved) bridge.save((saved = next));
    };
    const post = line.postActivity;
    line.postActivity = (activity) => {
      hasSpoken ||= activity.type === "message";
      keep();
      return post.call(line, activity);
    };
    // The library gets a new one when it connects and every quarter of an hour, and tells nobody.
    Object.defineProperty(line, "token", {
      get: () => current,
      set(next) {
        current = next;
        keep();
      },
    });
    adopt = (next) => {
      const other = parse(next);
      if (!other || other.conversationId !== line.conversationId) return false;
      current = other.token;
      saved = next;
      return true;
    };

    onConnection(line);
    // The page listens by now, so it misses nothing.
    const { status } = await /** @type {Promise<{ status?: number }>} */ (
      new Promise((resolve) => {
        line.connectionStatus$.subscribe((state) => state === ONLINE && resolve({}), resolve);
        line.activity$.subscribe(() => {}, resolve);
      })
    );
    if (mine !== turn || !status) return;
    if (known && STALE.includes(status)) return false;
    throw new Error(`Direct Line answers ${status}`);
  };

  return {
    setsNoCookie: true,
    start: open,
    async follow(session, bridge) {
      // Connecting again would get another token, which the other page would follow in its turn.
      if (adopt?.(session)) return;
      if ((await open(session, bridge)) !== false) return;
      await bridge.end().catch(() => {});
      await open(null, bridge);
    },
  };
};
