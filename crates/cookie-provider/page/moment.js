// The moment at which something may be put into the page.

/** So long the page may be parsed, in milliseconds: a script that does not come holds that up for as long as it likes. */
const PARSED = 3000;

/** So long the page's own `load` is waited for: a small page has it at once, and an iframe would hold it up. */
const LOADED = 50;

/**
 * Acts once the document is as the server sent it, which frameworks expect when they hydrate; they overlook only what follows at the end of the body.
 * A page that is prerendered is left as it is: frames of other sites do not load in it.
 * @param {() => void} act
 * @returns {() => void} calls it off
 */
export const atGoodMoment = (act) => {
  const waiting = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stop = () => {
    clearTimeout(timer);
    waiting.abort();
  };
  const go = () => {
    if (document.readyState === "loading" && !document.body) return look();
    stop();
    act();
  };
  const look = () => {
    clearTimeout(timer);
    if (document.prerendering) return;
    // In the state's own event: the browser paints before it runs a timer, and the page's `load`, which comes next, waits for nothing any more.
    if (document.readyState === "complete") go();
    else timer = setTimeout(go, document.readyState === "loading" ? PARSED : LOADED);
  };
  for (const event of ["readystatechange", "prerenderingchange"]) document.addEventListener(event, look, { signal: waiting.signal });
  look();
  return stop;
};
