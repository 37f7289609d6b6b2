// The visible part of the bridge, in the iframe and in the popup: one button, whose text and style come from the host page.

const CONSTANT_STYLE = "box-sizing:border-box;width:100%;min-height:44px;padding:8px 16px;border:0;cursor:pointer;outline-offset:-6px";
/** @type {["color" | "background" | "borderRadius" | "font", string][]} */
const DEFAULT_STYLE = [
  ["color", "#fff"],
  ["background", "#1a5fb4"],
  ["borderRadius", "6px"],
  ["font", "16px system-ui"],
];

/**
 * Replaces the content of the page.
 * @param {string} text the host page's options as JSON
 * @param {() => void} onClick
 * @param {(sight: IntersectionObserverEntry) => void} onSight how much of the button can be seen, whenever that changes
 * @param {() => void} onTimeUp
 * @param {number} milliseconds
 */
export const show = (text, onClick, onSight, onTimeUp, milliseconds) => {
  /** @type {Record<string, unknown>} */
  let options = {};
  try {
    options = Object(JSON.parse(text));
  } catch {
    // The defaults apply.
  }
  /** @param {string} key @param {string} otherwise */
  const option = (key, otherwise) => {
    const value = options[key];
    return typeof value === "string" ? value : otherwise;
  };
  document.documentElement.lang = option("lang", "en");
  const button = document.createElement("button");
  button.style.cssText = CONSTANT_STYLE;
  for (const [property, otherwise] of DEFAULT_STYLE) {
    // The browser ignores a value that it cannot parse, so the default stays.
    button.style[property] = otherwise;
    button.style[property] = option(property, otherwise);
  }
  button.textContent = option("label", "Continue your conversation");
  button.dir = "auto";
  button.addEventListener("click", onClick);
  document.body.style.margin = "0";
  document.body.replaceChildren(button);

  // A later button replaces this one, and nothing of this one counts any more.
  setTimeout(() => button.isConnected && onTimeUp(), milliseconds);
  const observer = new IntersectionObserver(
    (sights) => button.isConnected && onSight(/** @type {IntersectionObserverEntry} */ (sights[sights.length - 1])),
    // Only Chromium reports whether something covers the button; the others, whether there is room for it.
    { threshold: [0, 0.5, 0.9], trackVisibility: true, delay: 100 },
  );
  observer.observe(button);
};
