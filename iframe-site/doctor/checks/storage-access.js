// @ts-check

import { attention, bad, good } from "../finding.js";
import { isAnswering } from "../state.js";
import { UNANSWERED } from "./bridge.js";
import { ONLY_EMBEDDED } from "./cookie.js";

/**
 * What the browser has of the Storage Access API on this page.
 * @typedef {{ isThere: boolean, isForbidden: boolean }} StorageAccess
 */

/** @returns {StorageAccess} */
export function readStorageAccess() {
  // Chromium has the older name only; Firefox and Safari have neither, and no such policy.
  /** @type {Document & { permissionsPolicy?: FeaturePolicy, featurePolicy?: FeaturePolicy }} */
  const { permissionsPolicy, featurePolicy } = document;
  const policy = permissionsPolicy ?? featurePolicy;
  const isKnown = policy?.features().includes("storage-access") ?? false;
  return {
    isThere: "requestStorageAccess" in document,
    isForbidden: isKnown && !policy?.allowsFeature("storage-access"),
  };
}

/** @typedef {{ features(): string[], allowsFeature(name: string): boolean }} FeaturePolicy */

/**
 * @param {import("../state.js").State} state
 * @param {StorageAccess} browser
 */
export function storageAccess(state, { isThere, isForbidden }) {
  if (!isAnswering(state)) return UNANSWERED;
  if (!isThere) return bad("This browser cannot ask the visitor for this permission.", "Offer way 3.");
  if (isForbidden) {
    return bad(
      "A Permissions-Policy, of the bridge or of a page around this one, forbids it.",
      "Remove storage-access from that header, or allow it for the bridge.",
    );
  }
  if (!state.place.isEmbedded) return ONLY_EMBEDDED;
  if (state.via === "storage-access") return good("The permission was given earlier and is in force.");
  if (state.test.jar === "shared") return good("The browser has it, and it is not needed here.");
  if (state.test.canRequestAccess) {
    return attention(
      "One click on the bridge's button asks for it. The browser may prompt the visitor, who may refuse.",
      "Show the bridge's button on your pages with mountAccessButton(element), and offer way 3 as well.",
    );
  }
  if (state.test.code === "access-needs-visit") {
    return attention(
      "The browser grants it only after the visitor has clicked in the window of way 3.",
      "Call continueSession({ confirm, accessElement }) when the visitor clicks: after that window it shows the bridge's button.",
    );
  }
  return bad("The browser grants nothing here that would help.", "Offer way 3.");
}
