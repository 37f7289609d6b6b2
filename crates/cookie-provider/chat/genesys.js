// The Genesys Widgets extension: a plugin `CookieProvider` on the widgets' bus. docs/chat-systems.md has its commands and events.
import { LACKS_CONSENT, OWN_SESSION } from "../page/cookies.js";
import { attachChat } from "./attach.js";

/** @typedef {import("./attach.js").Provider & { isExtension?: boolean }} Provider */
/** @typedef {Provider & Record<string, (...given: unknown[]) => Promise<Result>>} Methods */
/** @typedef {{ jar: CookieBridgeJar, value?: string | null }} Result what all results have, and what some have */

const MESSAGE = "Thank you for your query. Please do not respond to this automated message if you do not have additional questions.";

/**
 * What each of the provider's methods is told as.
 * @type {Record<string, string>}
 */
const EVENTS = {
  loadCookie: "loaded",
  saveCookie: "saved",
  clearCookie: "cleared",
  cookieTest: "jar",
  continueSession: "continued",
};
/** The agent's last state, so that a reload does not tell it again. */
const STATE = "cookie-bridge-agent";

/**
 * The widgets read their session only when they start; once they have, they must be told to.
 * @param {GenesysCommander} bus
 */
const restore = (bus) => bus.command("WebChatService.restore").done(() => bus.command("WebChat.open"));

/**
 * For pages that load by themselves, and start the widgets before the session is there.
 * @param {Provider} provider
 * @param {Promise<CookieBridgeLoadResult>} load
 */
export const restoreLate = (provider, load) => {
  const before = provider[OWN_SESSION]();
  /** @param {CookieBridgeLoadResult} result */
  const resume = ({ loaded, value }) => {
    const bus = window._genesys?.widgets?.bus;
    if (bus && loaded && value !== before && !provider.isExtension) restore(bus);
  };
  load.then(resume, () => {});
};

/**
 * @param {Provider} provider
 * @param {ThirdPartyCookieNotification} [callback]
 * @param {CookieBridgeExtensionOptions} [options]
 * @returns {(jQuery: unknown, bus: unknown) => void}
 */
export const genesysExtension = (provider, callback, options) => ($, bus) => {
  const plugin = /** @type {GenesysBus} */ (bus).registerPlugin("CookieProvider");
  // `true` has no properties, and so stands for `{}`.
  const agent = /** @type {CookieBridgeAgentDisconnect | undefined} */ (options?.agentDisconnect);
  const before = provider[OWN_SESSION]();
  /** @type {Record<string, string>} */
  const ofPage = {};
  /**
   * Where the agent's state is kept: without storage or consent, a reload tells it again.
   * @returns {Record<string, string>}
   */
  const memory = () => {
    try {
      if (!provider[LACKS_CONSENT]()) return window.sessionStorage;
    } catch {
      // There is no storage.
    }
    return ofPage;
  };
  /**
   * Whether the widgets went on without waiting.
   * @type {boolean | undefined}
   */
  let isLate;
  /**
   * The session of the chat that runs; `true` if it has none.
   * @type {string | true | null | undefined}
   */
  let running;
  /**
   * Whether the visitor has another chat elsewhere.
   * @type {boolean | null | undefined}
   */
  let isElsewhere;

  /**
   * A session is a secret, and the bus writes its events to the console.
   * @param {string} event
   * @returns {(result: Result) => void}
   */
  const tell =
    (event) =>
    ({ value, ...detail }) =>
      plugin.publish(event, detail);
  for (const method of Object.keys(EVENTS)) {
    const call = /** @type {Methods} */ (provider)[method];
    /** @type {Methods} */ (provider)[method] = (...given) => {
      const promise = call.apply(provider, given);
      promise.then(tell(EVENTS[method]), ({ code }) => plugin.publish("error", { code }));
      return promise;
    };
  }
  for (const event of /** @type {const} */ (["loaded", "saved"])) provider.on(event, tell(event));

  /** @param {string | null} session */
  const follow = (session) => {
    if (running) isElsewhere = session !== running;
    else if (session) restore(plugin);
  };
  provider.isExtension = true;
  const bridge = attachChat(
    provider,
    {
      start(session) {
        // The widgets wait for this.
        plugin.republish("ready");
        plugin.ready();
        if (isLate && session !== before) follow(session);
      },
      follow,
    },
    { wait: options?.wait },
  );
  provider.cookieTest(callback);

  /** @param {string} event @param {(published: { data?: GenesysMessages }) => void} handle */
  const on = (event, handle) => plugin.subscribe("WebChat" + event, handle);
  const run = () => (running = provider[OWN_SESSION]() ?? true);
  on("Service.ready", () => (isLate = true));
  on("Service.restored", run);
  on(".started", () => {
    run();
    isElsewhere = false;
    memory()[STATE] = "";
    bridge.save();
  });
  on("Service.ended", () => {
    memory()[STATE] = "";
    // Another conversation of the visitor's is not over.
    if (!isElsewhere) bridge.end();
    running = isElsewhere = null;
  });
  on("Service.messageReceived", ({ data }) => {
    if (running) run();
    const last = (data?.originalMessages ?? data?.messages)
      ?.filter((message) => message?.type === "System" && message.event === "InteractionStateChange")
      .pop();
    const state = last?.data?.interactionState;
    const seen = memory()[STATE] ?? "";
    // Older history may come later.
    if (!agent || !state || parseInt(/** @type {string} */ (last.index)) < parseInt(seen, 10)) return;
    const id = last.index ?? last.id ?? /** @type {GenesysMessages} */ (data).restoring;
    const now = (memory()[STATE] = id + state);
    // One end of a conversation is told once: it comes again as history, and may be final first and completed then.
    if (!/^(Finalizing|Completed)$/.test(state)) return;
    if (id && (now === seen || (state === "Completed" && seen.endsWith("Finalizing")))) return;
    if (!(agent.async ?? window._genesys?.widgets?.webchat?.transport?.async?.enabled)) plugin.command("WebChat.endChat");
    else if (agent.message !== false)
      plugin.command("WebChat.injectMessage", { type: "text", text: agent.message ?? MESSAGE, bubble: { time: false } });
  });

  /** @type {Record<string, (given: GenesysCommandOptions) => Promise<unknown>>} */
  const COMMANDS = {
    async load() {
      const result = await provider.loadCookie();
      if (result.loaded && !running) restore(plugin);
      return result;
    },
    save: ({ value }) => bridge.save(value),
    clear: () => bridge.end(),
    test: () => provider.cookieTest(),
    continue: bridge.continueSession,
    consent: ({ isGiven }) => provider.setConsent(isGiven === true),
  };
  for (const command of Object.keys(COMMANDS))
    plugin.registerCommand(command, async ({ data, deferred }) => {
      try {
        deferred.resolve(await COMMANDS[command](data ?? {}));
      } catch (error) {
        deferred.reject(error);
      }
    });
};
