// The part of an address that belongs to a hand-over.

const MARK = "~cookie-bridge=";

/**
 * What the page's address brought: a step, a number, the session's name, and what the step needs.
 * @type {string[] | undefined}
 */
export let arrived;

/** Takes it out of the page's address, before any later script can read it. */
export const takeArrived = () => {
  const [fragment, part] = location.hash.split(MARK);
  if (!part) return;
  try {
    history.replaceState(history.state, "", location.pathname + location.search + (fragment === "#" ? "" : fragment));
    const parts = JSON.parse(decodeURIComponent(part));
    if (Array.isArray(parts) && parts.every((text) => typeof text === "string")) arrived = parts;
  } catch {
    // It belongs to no hand-over.
  }
};

/**
 * The address with a step in it.
 * @param {URL} url
 * @param {string[]} parts
 */
export const withStep = (url, parts) => {
  url.hash += MARK + encodeURIComponent(JSON.stringify(parts));
  return url.href;
};

/**
 * Takes a step out of a link's address. Returns whether there was one.
 * @param {URL} url
 */
export const cutStep = (url) => {
  if (!url.hash.includes(MARK)) return false;
  url.hash = url.hash.split(MARK)[0];
  return true;
};
