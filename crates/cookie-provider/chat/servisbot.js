// ServisBot's messenger. Its session is the Cognito identity: whoever has it reads the conversation, so it is never logged.

/** How often a store that fails is asked again, at later events of the messenger. */
const RETRIES = 3;

/** @param {string} what @param {unknown} cause */
const warn = (what, cause) => console.warn(`Cookie Bridge: ${what}:`, cause);

/** @typedef {NonNullable<ServisBotOptions["store"]>} Store */

/**
 * One request to the site's own store, of a customer's reference: its answer, or nothing if nobody is logged in.
 * @param {Store} store
 * @param {"check" | "store"} action
 * @param {number} wait
 * @param {object} [body]
 */
const ask = async ({ url, reference }, action, wait, body) => {
  const abort = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      abort.abort();
      reject(new Error(`no answer within ${wait} ms`));
    }, wait);
  });
  const answer = async () => {
    const customer = typeof reference === "function" ? await reference() : reference;
    if (!customer) return undefined;
    const json = body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    // The visitor may leave right after the conversation has begun.
    const request = { method: "POST", signal: abort.signal, keepalive: true, ...json };
    const response = await fetch(`${url}/${action}/${encodeURIComponent(customer)}`, request);
    if (response.status !== 200) throw new Error(`the answer is ${response.status}`);
    return response.json();
  };
  try {
    // The page's own function may hang, too.
    return await Promise.race([answer(), late]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * The customer's identity in the store, or null.
 * @param {Store} store
 * @param {number} wait
 * @returns {Promise<string | null>}
 */
const check = async (store, wait) => {
  const answer = await ask(store, "check", wait);
  if (answer === undefined) return null;
  const { Exists, CognitoIdentity } = answer;
  if (typeof Exists !== "boolean" || (Exists && (typeof CognitoIdentity !== "string" || !CognitoIdentity)))
    throw new Error("the answer is malformed");
  return Exists ? CognitoIdentity : null;
};

/**
 * @param {ServisBotOptions} options
 * @returns {BridgedChat}
 */
export const servisBot = ({
  ServisBot = window.ServisBot,
  config,
  store,
  wait = 3000,
  saveOn = "Ready",
  // The messenger has no documented way to go on with another identity, or to leave the page.
  follow = () => location.reload(),
  onApi,
}) => {
  let isRunning = false;
  let isRefused = false;
  let isStoring = false;
  let failures = 0;
  /**
   * What the bridge has.
   * @type {string | null}
   */
  let bridged = null;
  /**
   * What the messenger began with.
   * @type {string | null | undefined}
   */
  let offered;
  /**
   * What the store has; undefined while that is not known.
   * @type {string | null | undefined}
   */
  let stored;

  /**
   * Only where there is a store.
   * @param {string} identity
   */
  const remember = async (identity) => {
    // What a customer has elsewhere is not replaced by what this browser happens to have.
    const isSettled = () => stored === identity || (stored && stored !== offered);
    if (isStoring || isSettled() || failures > RETRIES) return;
    isStoring = true;
    try {
      if (stored === undefined) stored = await check(/** @type {Store} */ (store), wait);
      if (!isSettled()) {
        await ask(/** @type {Store} */ (store), "store", wait, { CognitoIdentity: identity });
        stored = offered = identity;
      }
    } catch (error) {
      failures++;
      warn("The identity was not stored", error);
    }
    isStoring = false;
  };

  return {
    setsNoCookie: true,
    async start(session, bridge) {
      bridged = session;
      if (!session && store) {
        try {
          stored = await check(store, wait);
        } catch (error) {
          warn("The chat starts without the store", error);
        }
      }
      // What came from the bridge meanwhile goes first.
      offered = bridged ?? stored;
      isRunning = true;
      const api = ServisBot.init({ ...config, ...(offered && { identity: offered }) });
      const given = offered;
      let isReady = false;
      api.on("Messenger", ({ type, value }) => {
        const wasReady = isReady;
        isReady ||= type === "CONVERSATION" && value === saveOn;
        const current = isReady && api.getIdentity();
        if (!current) return;
        if (!wasReady) isRefused = Boolean(given) && current !== given;
        if (current !== bridged) bridge.save((bridged = current));
        if (store) remember(current);
      });
      onApi?.(api);
    },
    follow(session) {
      if (!isRunning) bridged = session;
      // Two open pages whose messengers refuse each other's identity would take turns for ever.
      else if (isRefused) warn("The visitor's other conversation is not followed", "the messenger refuses identities");
      else follow(session);
    },
  };
};
