// @ts-check

import { readOrigin } from "./origin.js";

/**
 * Where this page runs.
 * @typedef {object} Place
 * @property {string} origin The bridge's origin.
 * @property {string} url The address of this page, without parameters.
 * @property {boolean} isSecure Whether the browser treats this page as secure, with all pages around it.
 * @property {boolean} isEmbedded Whether this page is in a frame.
 * @property {boolean} isNested Whether the page around this one is in a frame itself.
 * @property {string | undefined} host The origin of the page around this one; `undefined` if the browser or that page hides it.
 */

/** @returns {Place} */
export function readPlace() {
  const isEmbedded = window.parent !== window;
  return {
    origin: location.origin,
    url: `${location.origin}${location.pathname}`,
    isSecure: isSecureContext,
    isEmbedded,
    isNested: window.top !== window.parent,
    host: isEmbedded ? findHost() : undefined,
  };
}

function findHost() {
  // Firefox does not have it.
  const ancestor = location.ancestorOrigins?.[0];
  if (ancestor && ancestor !== "null") return ancestor;
  return document.referrer ? readOrigin(document.referrer) : undefined;
}

/**
 * What the results on this page are worth.
 * @param {Place} place
 */
export function describePlace({ isEmbedded, isNested, host }) {
  const sentence = isEmbedded
    ? `What this page finds is what visitors of ${host ?? "the page around it"} get in this browser.`
    : "You have opened this page on its own, so it sees the bridge on its own site. That says nothing about the " +
      "cookies that visitors of your domains get.";
  return isNested ? `${sentence} That page is in a frame itself; the outermost page decides about cookies.` : sentence;
}

/**
 * The line that puts the doctor into a page of a domain.
 * @param {Place} place
 */
export const embeddingLine = ({ url }) => `<iframe src="${url}" width="100%" height="900"></iframe>`;
