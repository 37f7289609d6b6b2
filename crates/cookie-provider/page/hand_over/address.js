// The part of an address that belongs to a hand-over: what follows a mark in its fragment.

export const MARK = "~cookie-bridge=";

/**
 * What the page's address brought, as it was written.
 * @type {string | undefined}
 */
export let arrived;

/** Takes it out of the page's address, before any later script can read it. */
export const takeArrived = () => {
  const url = new URL(location.href);
  const at = url.hash.indexOf(MARK);
  if (at < 0) return;
  const part = url.hash.slice(at + MARK.length);
  if (!part) return;
  // The fragment `#` alone is none.
  url.hash = at > 1 ? url.hash.slice(0, at) : "";
  try {
    // The whole address: a path that begins with `//` would be read as a host.
    history.replaceState(history.state, "", url.href);
    arrived = part;
  } catch {
    // What stays in the address is not used.
  }
};

/**
 * The address with such a part.
 * @param {URL} url
 * @param {string} text
 */
export const withPart = (url, text) => {
  url.hash += MARK + text;
  return url.href;
};
