// A browser's page for the unit tests. They run one at a time in a process of their own.

/** @type {any} */
const page = globalThis;

/** What is stored is an own property, as in the browser. */
class FakeStorage {
  /** @type {Record<string, any>} */
  #own = this;

  /** @param {string} key */
  getItem(key) {
    return Object.hasOwn(this, key) ? this.#own[key] : null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.#own[key] = String(value);
  }

  /** @param {string} key */
  removeItem(key) {
    delete this.#own[key];
  }
}

/** @type {MessagePort[]} */
let ports = [];

class FakeChannel extends MessageChannel {
  constructor() {
    super();
    ports.push(this.port1, this.port2);
  }
}

const REAL = { MessageChannel: page.MessageChannel, warn: console.warn };

/**
 * Opens one. What it does is noted in `did`, in the order in which it does it.
 * @param {string} address
 * @param {{ referrer?: string, cookies?: string, before?: number, bridge?: (hello: any, port: MessagePort, origin: string) => void }} [options]
 * `before`: the entries of the history with this page; `bridge`: what the iframe's window does with a hello
 */
export const openPage = (address, { referrer = "", cookies = "", before = 2, bridge } = {}) => {
  /** @type {string[]} */
  const did = [];
  const url = new URL(address);
  const [localStorage, sessionStorage] = [new FakeStorage(), new FakeStorage()];
  /** @type {any[]} */
  const iframes = [];
  /** @type {any[]} */
  const warnings = [];
  /** @param {any} iframe */
  const load = (iframe) => {
    iframes.push(iframe);
    if (!bridge) return;
    iframe.contentWindow = {
      postMessage: (/** @type {any} */ hello, /** @type {string} */ origin, /** @type {[MessagePort]} */ [port]) =>
        bridge(hello, port, origin),
    };
    queueMicrotask(() => iframe.dispatchEvent(new Event("load")));
  };
  Object.assign(page, {
    location: {
      href: url.href,
      origin: url.origin,
      replace: (/** @type {string} */ to) => did.push("replace " + new URL(to, url).href),
    },
    history: {
      length: before,
      state: null,
      replaceState: (/** @type {any} */ _, /** @type {string} */ __, /** @type {string} */ to) => did.push("show " + to),
      back: () => did.push("back"),
    },
    document: { referrer, cookie: cookies, createElement: () => new EventTarget(), body: { append: load } },
    window: { localStorage, sessionStorage, stop: () => did.push("stop") },
    sessionStorage,
    MessageChannel: FakeChannel,
  });
  console.warn = (...words) => warnings.push(words);
  return { did, iframes, warnings, localStorage, sessionStorage };
};

/** Closes it. */
export const closePage = () => {
  for (const port of ports) port.close();
  ports = [];
  for (const name of ["location", "history", "document", "window", "sessionStorage"]) delete page[name];
  page.MessageChannel = REAL.MessageChannel;
  console.warn = REAL.warn;
};
