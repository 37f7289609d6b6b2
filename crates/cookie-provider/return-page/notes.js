// The notes that pages of this origin wrote, checked: any script of this origin can write there.
import { takeNote } from "../page/hand_over/notes.js";
import { originOf } from "../page/origin.js";
import { isAddress } from "./is_address.js";

/** @param {unknown} value */
const fieldsOf = (value) => /** @type {Record<string, unknown>} */ (value ?? {});

/**
 * @param {unknown} value
 * @returns {value is string[]}
 */
const areNames = (value) => Array.isArray(value) && value.every((name) => typeof name === "string");

/**
 * What the page noted that the visitor left.
 * @typedef {object} Offered
 * @property {string} to the address of the link
 * @property {string[]} names of the sessions
 * @property {number} at milliseconds since 1970
 * @property {string} bridge the address of the iframe's page
 */

/**
 * @param {string} nonce
 * @returns {Offered | undefined}
 */
export const takeOffered = (nonce) => {
  const { to, names, at, bridge } = fieldsOf(takeNote("localStorage", nonce));
  return isAddress(to) && areNames(names) && typeof at === "number" && isAddress(bridge) ? { to, names, at, bridge } : undefined;
};

/**
 * What the page noted that the visitor came to.
 * @typedef {object} Asked
 * @property {string} address the page's own
 * @property {JsonWebKey} key its private key
 * @property {string[]} names of the sessions that it asked for
 */

/**
 * @param {string} nonce
 * @returns {Asked | undefined}
 */
export const takeAsked = (nonce) => {
  const { address, key, names } = fieldsOf(takeNote("sessionStorage", nonce));
  const isOwn = isAddress(address) && originOf(address) === location.origin;
  return isOwn && areNames(names) && typeof key === "object" && key ? { address, key, names } : undefined;
};
