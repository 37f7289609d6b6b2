// @ts-check

/**
 * The origin of an address that somebody typed, with or without `https://` in front.
 * @param {string} text
 * @returns {string | undefined} `undefined` if it is not the address of a web page.
 */
export function readOrigin(text) {
  try {
    const { origin } = new URL(text.includes("://") ? text : `https://${text}`);
    return origin === "null" ? undefined : origin;
  } catch {
    return undefined;
  }
}

/**
 * Whether an origin is plain http on another computer. Browsers treat `localhost` as secure, and so does the bridge.
 * @param {string} origin
 */
export function isPlainHttp(origin) {
  const { protocol, hostname } = new URL(origin);
  return protocol === "http:" && !/^(.+\.)?localhost$/.test(hostname);
}
