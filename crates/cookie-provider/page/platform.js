// What the script uses of the platform, taken when the script starts: what the page gives these names to later does not matter. The build puts
// these in place of the global names, in every module and in the generated glue (`inject` in xtask/src/bundle).
//
// No page can give the names `window`, `document` and `location` to something else. A page's `const URL` hides the browser's from all scripts,
// but `window.URL` is still the browser's.

/** @typedef {Record<string, any>} Names */

/** @type {Names} */
const here = window;
const { document: page } = window;
const { getPrototypeOf } = /** @type {ObjectConstructor} */ ({}.constructor);

/**
 * Whether it is the browser's own.
 * @param {unknown} value
 */
const isGenuine = (value) => {
  try {
    return typeof value === "function" && isGenuine.toString.call(value).includes("[native code]");
  } catch {
    return false;
  }
};

/** What serves as well if it is another window's. */
const ANYWHERE = "URL URLSearchParams TextDecoder TextEncoder JSON Math Reflect Proxy Date Error Symbol Map Set Uint8Array DataView".split(
  " ",
);

/**
 * The names of an empty window, which no script has changed.
 * @returns {Names}
 */
const freshNames = () => {
  /** @type {Names} */
  const names = {};
  try {
    const frame = getPrototypeOf(page).createElement.call(page, "iframe");
    const root = /** @type {Element} */ (page.firstElementChild);
    root.appendChild(frame);
    for (const name of ANYWHERE) names[name] = frame.contentWindow[name];
    root.removeChild(frame);
  } catch {
    // A sandboxed page cannot look into it.
  }
  return names;
};

/** @type {Names | undefined} */
let fresh;
/** @type {Names} */
const taken = {};
for (const name of ANYWHERE) {
  const own = here[name];
  // Three of them are no functions, but have some.
  const isOwn = isGenuine(own?.stringify ?? own?.random ?? own?.ownKeys ?? own);
  taken[name] = isOwn ? own : ((fresh ??= freshNames())[name] ?? own);
}

/** What is no function, though the script cannot work without it. */
export const missing = "URL TextDecoder TextEncoder Proxy AbortController MessageChannel Element setTimeout setInterval"
  .split(" ")
  .filter((name) => typeof (taken[name] ?? here[name]) !== "function")
  .concat(typeof here.crypto?.getRandomValues === "function" ? [] : "crypto");

const { URL, URLSearchParams, JSON, Math, Reflect, Proxy, Date, Error, Symbol, Map, Set, Uint8Array, DataView } = taken;
// The glue makes one of each as soon as it is read.
const { TextDecoder = Missing, TextEncoder = Missing } = taken;
function Missing() {
  return { decode() {}, encodeInto() {} };
}

// Each is what some syntax makes.
const Object = /** @type {Names} */ ({}).constructor;
const Array = /** @type {Names} */ ([]).constructor;
const String = "".constructor;
const Promise = (async () => {})().constructor;

const { AbortController, AbortSignal, MessageChannel, MutationObserver, Element, FormData, crypto, history, navigator } = here;
const { setTimeout, setInterval, clearTimeout, clearInterval, queueMicrotask, fetch, btoa, atob } = here;
// Pages have functions of these names.
const { addEventListener, removeEventListener } = getPrototypeOf(page);

/** The document. An element may hide what the document has (`<img name="cookie">`); what a script hides is hidden on purpose. */
const document = missing[0]
  ? page
  : new Proxy(
      {},
      {
        /** @param {unknown} _ @param {string} key */
        get(_, key) {
          const seen = /** @type {Names} */ (page)[key];
          const value = typeof seen === "object" ? Reflect.get(getPrototypeOf(page), key, page) : seen;
          return typeof value === "function" ? (/** @type {unknown[]} */ ...given) => value.apply(page, given) : value;
        },
        /** @param {unknown} _ @param {string} key @param {unknown} value */
        set: (_, key, value) =>
          Reflect.set(typeof (/** @type {Names} */ (page)[key]) === "object" ? getPrototypeOf(page) : page, key, value, page),
      },
    );

// Pages have functions of this name, too. With these arguments, `document.open` is the same.
const open = isGenuine(here.open) ? here.open : document.open;

/** The page's console, whatever has become of it. */
const console = {
  /** @param {unknown[]} what */
  warn: (...what) => show("warn", what),
  /** @param {unknown[]} what */
  error: (...what) => show("error", what),
};
/** @param {"warn" | "error"} how @param {unknown[]} what */
const show = (how, what) => {
  try {
    window.console[how](...what);
  } catch {
    // Nobody sees it.
  }
};

export {
  AbortController,
  AbortSignal,
  Array,
  addEventListener,
  atob,
  btoa,
  clearInterval,
  clearTimeout,
  console,
  crypto,
  DataView,
  Date,
  document,
  Element,
  Error,
  FormData,
  fetch,
  history,
  JSON,
  Map,
  Math,
  MessageChannel,
  MutationObserver,
  navigator,
  Object,
  open as "window.open",
  Promise,
  Proxy,
  queueMicrotask,
  Reflect,
  removeEventListener,
  Set,
  String,
  Symbol,
  setInterval,
  setTimeout,
  TextDecoder,
  TextEncoder,
  Uint8Array,
  URL,
  URLSearchParams,
};
