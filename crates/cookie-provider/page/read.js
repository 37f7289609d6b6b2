// Reading what the page passes.

/**
 * A property of what may be anything: null, a revoked proxy, an object whose getters throw. What cannot be read counts as absent.
 * @template T
 * @template {keyof T} K
 * @param {T | null | undefined} from
 * @param {K} key
 * @returns {T[K] | undefined}
 */
export const read = (from, key) => {
  try {
    return /** @type {T} */ (from)[key];
  } catch {
    return undefined;
  }
};

/**
 * Whether the page says nothing of consent, or that it is given. A property that cannot be read gives none; of options that cannot be read at all nothing is
 * known, so they count as absent, as for all other options.
 * @param {CookieBridgeOptions | null | undefined} options
 */
export const hasConsent = (options) => {
  try {
    return (options?.consent ?? true) === true;
  } catch {
    try {
      return !("consent" in /** @type {object} */ (options));
    } catch {
      return true;
    }
  }
};
