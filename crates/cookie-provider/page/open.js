// The page of one provider: its rooms, and the core that acts through them.
import * as wasm from "glue";
import { Calls } from "./calls.js";
import { Cookies } from "./cookies.js";
import { Events } from "./events.js";
import { Frame } from "./frame.js";
import { HandOver } from "./hand_over/steps.js";
import { watchLinks } from "./hand_over/links.js";
import { originOf } from "./origin.js";
import { watchPolicy } from "./policy.js";
import { Popup } from "./popup.js";
import { Store } from "./store.js";
import { Timers } from "./timers.js";

/** @param {unknown} address */
const urlOf = (address) => {
  try {
    return typeof address === "string" ? new URL(address, document.baseURI) : undefined;
  } catch {
    // The core refuses it.
  }
};

/**
 * The list of rungs as the core reads it; undefined without one.
 * @param {unknown} access
 */
const listOf = (access) => {
  try {
    return access === undefined || access === null ? undefined : (JSON.stringify(access) ?? "");
  } catch {
    return "";
  }
};

/**
 * @param {unknown} name
 * @param {unknown} iframeUrl
 * @param {CookieBridgeOptions} options
 */
export const open = (name, iframeUrl, options) => {
  /** @type {number} */
  let id;
  /** @type {import("./tell.js").Tell} */
  const tell = (event, fields) => wasm.wasmHappened(id, event, fields);
  // Ends with `destroy()`.
  const gone = new AbortController();
  const { signal } = gone;
  const url = urlOf(iframeUrl);
  const { timeout, maxAge, access, server, reference } = options;
  const calls = new Calls();
  const events = new Events();
  const frame = new Frame(url, tell);
  const store = new Store(name, options, tell);
  const handOver = new HandOver(name, tell, store);
  const rooms = {
    calls,
    cookies: new Cookies(),
    events,
    frame,
    popup: new Popup(url, tell),
    store,
    timers: new Timers(tell),
    handOver,
  };
  id = wasm.wasmOpen(rooms, {
    name,
    protocol: url?.protocol,
    hostname: url?.hostname,
    bridgeOrigin: url?.origin,
    serverOrigin: originOf(server),
    isSecure: location.protocol === "https:",
    timeout,
    maxAge,
    access: listOf(access),
    hasReference: Boolean(reference),
  });
  // Before anything else: the iframe's loading is what a visitor waits for.
  tell("opened");
  const mayOffer = Array.isArray(access) && access.includes("link");
  if (mayOffer) handOver.arrive();
  /** @param {string} origin */
  const offers = (origin) => wasm.wasmOffers(id, origin);
  watchLinks({ name: String(name), mayOffer, offers, hasServer: Boolean(server), store }, tell, signal);
  watchPolicy(tell, signal);
  /**
   * @param {number} call
   * @param {unknown} value
   * @param {unknown} options
   */
  const save = (call, value, options) => wasm.wasmSave(id, call, value, options);
  return { tell, save, gone, calls, events, frame };
};
