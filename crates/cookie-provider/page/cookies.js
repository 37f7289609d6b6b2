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
 * The attributes of all cookies of one name that the page may see (RFC 6265bis, section 5.7): for each path that covers the page's, its host alone and
 * every domain above.
 */
const places = () => {
  const domains = [""];
  for (let domain = location.hostname; domain; domain = domain.replace(/^[^.]*\.?/, "")) domains.push("; Domain=" + domain);
  const paths = new Set();
  let path = "";
  // Any further is no path of a chat's.
  for (const part of location.pathname.split("/").slice(1, 9)) {
    paths.add(path + "/");
    path += "/" + part;
    paths.add(path);
  }
  const all = domains.flatMap((domain) => Array.from(paths, (path) => "; Path=" + path + domain));
  return [...all, ...domains.map((domain) => "; Path=/; Secure; SameSite=None; Partitioned" + domain)];
};

/**
 * Removes the cookies of this name that the page sees.
 * @param {string} name
 */
export const removeEverywhere = (name) => {
  for (const place of places()) writeCookie(name + "=; Max-Age=0" + place);
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

/**
 * Whether the browser keeps an empty cookie there. It is removed before anybody can see it, but for those who listen for changes.
 * @param {string} name of which the page sees no cookie
 * @param {string} place
 */
const isKept = (name, place) => {
  writeCookie(name + "=; SameSite=Lax; Max-Age=9" + place);
  const isThere = firstCookie(name) !== null;
  writeCookie(name + "=; Max-Age=0" + place);
  return isThere;
};

/**
 * Whether an `HttpOnly` cookie of this name is there, of which the page sees none: the browser lets no script replace it, but keeps one of another
 * name in the same place. WebKit is not asked. In WebKitGTK the question would remove the cookie, and Safari may show a script what it has not kept.
 * @param {string} name
 */
export const isHidden = (name) =>
  !navigator.vendor.startsWith("Apple") && places().some((place) => !isKept(name, place) && isKept("bridge-probe", place));
