// The page's own cookies. A document that may have none (sandboxed, or of a `data:` address) throws: it is an empty jar that keeps nothing.

/**
 * The methods of a provider by which a chat's adapter reaches the page's own session. The core decides which of two cookies of one name counts. The
 * adapters may come in a script of their own, so the symbols are in the global registry.
 */
export const OWN_SESSION = Symbol.for("cookie-bridge.own-session");
export const REMOVE_OWN_SESSION = Symbol.for("cookie-bridge.remove-own-session");

/** Whether the page waits for consent. Then nothing is read or stored, and a chat starts without a session. */
export const LACKS_CONSENT = Symbol.for("cookie-bridge.lacks-consent");

export const readCookies = () => {
  try {
    return document.cookie;
  } catch {
    return "";
  }
};

/** @param {string} cookie */
export const writeCookie = (cookie) => {
  try {
    document.cookie = cookie;
  } catch {
    // It reads as not kept.
  }
};

/**
 * Removes the cookies of this name that the page's host set for `/`, and those of every domain above it.
 * @param {string} name
 */
export const removeEverywhere = (name) => {
  const removed = name + "=; Path=/; Max-Age=0";
  writeCookie(removed);
  for (let domain = location.hostname; domain; domain = domain.replace(/^[^.]*\.?/, "")) writeCookie(removed + "; Domain=" + domain);
};

/**
 * The first cookie of this name, or null.
 * @param {string} name
 */
export const firstCookie = (name) => {
  const pair = readCookies()
    .split("; ")
    .find((cookie) => cookie.startsWith(name + "="));
  return pair?.slice(name.length + 1) ?? null;
};
