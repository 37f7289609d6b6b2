// @ts-check

import { codeOf } from "../advice.js";
import { bad, good, notKnown } from "../finding.js";
import { isPlainHttp } from "../origin.js";

/** @typedef {import("../state.js").State} State */

/**
 * Asks the bridge whether it trusts the domain.
 * @param {CookieProvider | undefined} provider
 * @param {State} state
 */
export async function askTrusted(provider, { domain, typed, place }) {
  if (!domain) return { isTrusted: undefined, finding: noDomain(typed, place.isEmbedded) };
  try {
    if (!provider) throw new Error("cookie-provider.js did not load");
    const isTrusted = await provider.isTrusted(domain);
    return { isTrusted, finding: trusted(domain, isTrusted) };
  } catch (error) {
    const found = `The bridge could not be asked about ${domain} (${codeOf(error)}).`;
    return { isTrusted: undefined, finding: notKnown(found, "See “The bridge answers”.") };
  }
}

/**
 * @param {string} typed
 * @param {boolean} isEmbedded
 */
function noDomain(typed, isEmbedded) {
  const why = isEmbedded ? "The browser does not reveal which domain this is." : "No domain was given.";
  return notKnown(
    typed ? `“${typed}” is not the address of a domain.` : why,
    "Write the domain into the field above, as https://shop.example.",
  );
}

/**
 * @param {string} domain
 * @param {boolean} isTrusted
 */
export function trusted(domain, isTrusted) {
  if (isTrusted) return good(`The bridge trusts ${domain}.`);
  return bad(
    `The bridge does not trust ${domain}, so pages there get no answer.`,
    isPlainHttp(domain)
      ? "Serve the domain over https; the bridge trusts no plain http."
      : `Add "${domain}" to TRUSTED_DOMAINS in iframe.html, if it is yours.`,
  );
}
