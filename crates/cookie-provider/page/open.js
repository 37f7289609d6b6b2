// The page of one provider: its rooms, and the core that acts through them.
import * as wasm from "glue";
import { createCalls } from "./calls.js";
import { isHidden, readCookies, removeEverywhere, writeCookie } from "./cookies.js";
import { createEvents } from "./events.js";
import { createFrame } from "./frame.js";
import { createHandOver } from "./hand_over/arrival.js";
import { watchLinks } from "./hand_over/links.js";
import { toJson } from "./json.js";
import { start, trouble, whenStarted } from "./module.js";
import { originOf } from "./origin.js";
import { watchPolicy } from "./policy.js";
import { createPopup } from "./popup.js";
import { hasConsent, read } from "./read.js";
import { createStore } from "./store.js";
import { createTimers } from "./timers.js";

/** @param {unknown} address */
const urlOf = (address) => {
  try {
    return typeof address === "string" ? new URL(address, document.baseURI) : undefined;
  } catch {
    // The core refuses it.
    return undefined;
  }
};

/**
 * The list of rungs as the core reads it; undefined without one.
 * @param {unknown} access
 */
const listOf = (access) => (access === undefined || access === null ? undefined : toJson(access));

/**
 * @param {string} name
 * @param {unknown} iframeUrl
 * @param {CookieBridgeOptions} [options]
 */
export const open = (name, iframeUrl, options) => {
  /** @type {number} */
  let id;
  /** @type {import("./tell.js").Tell} */
  const tell = (event, fields) =>
    whenStarted(() => {
      if (trouble) calls.fail({ ...fields, ...trouble });
      else wasm.wasmHappened(id, event, fields);
    });
  // Ends with `destroy()`.
  const gone = new AbortController();
  const { signal } = gone;
  const url = urlOf(iframeUrl);
  const access = read(options, "access");
  const maxAge = read(options, "maxAge");
  const server = read(options, "server");
  const reference = read(options, "reference");
  const timers = createTimers(tell);
  const calls = createCalls(timers.stop);
  const events = createEvents();
  const frame = createFrame(url, tell, signal);
  const store = createStore(name, { server, reference, maxAge }, tell);
  const handOver = createHandOver(name, tell, timers.stop, () => watchLinks(offerer, signal));
  const offerer = {
    name,
    bridge: url?.href ?? "",
    near: (/** @type {string} */ origin) => tell("link-near", { origin }),
    offers: (/** @type {string} */ origin, /** @type {string} */ pathAndQuery) => wasm.wasmOffers(id, origin, pathAndQuery),
  };
  /** @type {Record<string, any>} */
  const rooms = { calls, events, frame, handOver, popup: createPopup(url, tell), store, timers };
  const page = {
    /**
     * @param {string} verb a room and its method
     * @param {unknown} fields
     */
    perform(verb, fields) {
      const [room, method] = verb.split(".");
      rooms[room][method](fields);
    },
    readCookies,
    writeCookie,
    removeEverywhere,
    isHidden,
    isInUse: () => navigator.userActivation?.hasBeenActive ?? true,
    isFrameConnected: frame.isConnected,
    innerFrames: frame.innerFrames,
    hasInnerFrame: frame.hasInnerFrame,
  };
  const settings = {
    name,
    protocol: url?.protocol,
    hostname: url?.hostname,
    origin: location.origin,
    bridgeOrigin: url?.origin,
    serverOrigin: originOf(server),
    isSecure: location.protocol === "https:",
    timeout: read(options, "timeout"),
    maxAge,
    access: listOf(access),
    hasReference: !!reference,
    isIsolated: window.crossOriginIsolated,
    hasConsent: hasConsent(options),
  };
  const begin = () => {
    id = wasm.wasmOpen(page, settings);
    // Before anything else: the iframe's loading is what a visitor waits for.
    tell("opened");
    watchPolicy(tell, signal);
    addEventListener("online", () => tell("back", { isOnline: true }), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || tell("back"), { signal });
  };
  start();
  whenStarted(() => trouble || begin());
  return { tell, gone, calls, events, frame };
};
