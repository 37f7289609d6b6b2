// Ways out of this page. Only its origin's own notes, or a path that is fixed, decide where to.

/** How long the browser may take for the way back, in milliseconds. */
const PATIENCE = 1000;

/**
 * Goes on. The page is not in the history then.
 * @param {string} address
 */
export const go = (address) => {
  // The page's own refresh would cut off a navigation that is slow.
  window.stop();
  location.replace(address);
};

/** Goes back to where the visitor came from. */
export const leave = () => {
  if (history.length < 2) return go("/");
  window.stop();
  history.back();
  // The browser may have no page there any more.
  setTimeout(go, PATIENCE, "/");
};
