// The page's own cookies.

/**
 * The methods of a provider by which a chat's adapter reaches the page's own session. The core decides which of two cookies of one name counts. The
 * adapters may come in a script of their own, so the symbols are in the global registry.
 */
export const OWN_SESSION = Symbol.for("cookie-bridge.own-session");
export const REMOVE_OWN_SESSION = Symbol.for("cookie-bridge.remove-own-session");

/** A document that may have no cookies (sandboxed, or of a `data:` address) throws: it is an empty jar that keeps nothing. */
export class Cookies {
  read() {
    try {
      return document.cookie;
    } catch {
      return "";
    }
  }

  /** @param {string} cookie */
  write(cookie) {
    try {
      document.cookie = cookie;
    } catch {
      // It reads as not kept.
    }
  }

  /** @param {string} name */
  removeEverywhere(name) {
    const removed = name + "=; Path=/; Max-Age=0";
    this.write(removed);
    for (let domain = location.hostname; domain; domain = domain.replace(/^[^.]*\.?/, ""))
      this.write(removed + "; Domain=" + domain);
  }
}

/**
 * The first cookie of this name, or null.
 * @param {string} name
 */
export const firstCookie = (name) => {
  const pair = new Cookies().read().split("; ").find((cookie) => cookie.startsWith(name + "="));
  return pair?.slice(name.length + 1) ?? null;
};
