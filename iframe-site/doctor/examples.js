// @ts-check

import { newState } from "./state.js";

/** @typedef {import("./state.js").State} State */

/**
 * What tests begin with: the doctor in a page of a trusted shop, where the bridge's jar is shared.
 * @param {Partial<State>} changes
 * @returns {State}
 */
export function embedded(changes = {}) {
  const place = {
    origin: "https://bridge.example",
    url: "https://bridge.example/doctor.html",
    isSecure: true,
    isEmbedded: true,
    isNested: false,
    host: "https://shop.example",
  };
  const state = newState(place, { hasScript: true, needsWasm: true });
  return { ...state, domain: place.host, test: tested("shared"), via: "cookie", isTrusted: true, ...changes };
}

/**
 * The doctor as a page of its own.
 * @param {Partial<State>} changes
 */
export function alone(changes = {}) {
  const state = embedded();
  return { ...state, place: { ...state.place, isEmbedded: false, host: undefined }, ...changes };
}

/**
 * An answer of the bridge.
 * @param {CookieBridgeJar} jar
 * @param {Partial<CookieBridgeTestResult>} changes
 * @returns {CookieBridgeTestResult}
 */
export function tested(jar, changes = {}) {
  const isThere = jar !== "unreachable";
  const needsNothing = jar === "shared" || changes.canRequestAccess;
  const code = isThere ? (needsNothing ? null : "access-refused") : "timeout";
  return { jar, readable: jar === "shared", canRequestAccess: false, canContinue: isThere, code, ...changes };
}
