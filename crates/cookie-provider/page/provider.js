// The class that pages use.
import { restoreLate } from "../chat/genesys.js";
import { firstCookie, LACKS_CONSENT, OWN_SESSION, REMOVE_OWN_SESSION } from "./cookies.js";
import { notify } from "./events.js";
import { failure } from "./failure.js";
import { toJson } from "./json.js";
import { needsWasm, START_FAILED, trouble } from "./module.js";
import { open } from "./open.js";
import { hasConsent, read } from "./read.js";
import { within } from "./wait.js";

const METHODS = /** @type {const} */ ([
  "loadCookie",
  "ready",
  "saveCookie",
  "clearCookie",
  "cookieTest",
  "isTrusted",
  "mountAccessButton",
  "continueSession",
  "setConsent",
  "on",
  "destroy",
  LACKS_CONSENT,
  OWN_SESSION,
  REMOVE_OWN_SESSION,
]);

export class CookieProvider {
  /** For the doctor. */
  static needsWasm = needsWasm;

  /** @type {ReturnType<typeof open> | undefined} */
  #page;
  #callback;
  /**
   * The first load.
   * @type {Promise<CookieBridgeLoadResult> | undefined}
   */
  #first;
  /** Whether a chat has started without waiting for it any longer. */
  #isLate = false;
  #lacksConsent;

  /**
   * @param {string} name
   * @param {string} iframeUrl
   * @param {ThirdPartyCookieNotification} [callback]
   * @param {CookieBridgeOptions} [options]
   */
  constructor(name, iframeUrl, callback, options) {
    this.name = typeof name === "string" ? name : "";
    this.#lacksConsent = !hasConsent(options);
    this.#callback = callback;
    // A page may take them off (`const { loadCookie } = provider`) or wrap the provider in a proxy, as Vue does: either loses the private fields.
    for (const method of METHODS) {
      const own = /** @type {Function} */ (this[method]);
      /** @param {unknown[]} given */
      const value = (...given) => own.apply(this, given);
      // Defined, not assigned, and with no prototype: so pages may freeze and extend prototypes.
      Object.defineProperty(
        this,
        method,
        /** @type {object} */ ({ __proto__: null, value, enumerable: true, writable: true, configurable: true }),
      );
    }
    try {
      this.#page = open(this.name, iframeUrl, options);
    } catch (cause) {
      console.warn("Cookie Bridge:", cause);
    }
  }

  /** @param {string} event */
  #tell(event) {
    this.#page?.tell(event);
  }

  /**
   * @param {string} method
   * @param {{ button?: string | null, [value: string]: unknown }} [values]
   * @param {unknown} [element]
   * @returns {Promise<any>}
   */
  #call(method, values, element) {
    const page = this.#page;
    const promise = page
      ? page.calls.make((id) =>
          page.tell(method, { id, hasElement: page.frame.offer(id, element, values?.button ?? undefined), ...values }),
        )
      : Promise.reject(failure("start-failed", START_FAILED));
    // Nobody needs to await it: failures are on the console already, and are no unhandled rejections of the page's.
    promise.catch(() => {});
    return promise;
  }

  /** @returns {Promise<CookieBridgeLoadResult>} */
  loadCookie() {
    /** @type {Promise<CookieBridgeLoadResult>} */
    const load = this.#call("load");
    restoreLate(this, load);
    if (!this.#first) {
      this.#first = load;
      // Nobody awaits it any more.
      load.then(
        (result) => this.#isLate && result.loaded && this.#page?.events.emit({ type: "loaded", detail: result }),
        () => {},
      );
    }
    return load;
  }

  /**
   * @param {{ wait?: number }} [options]
   * @returns {Promise<string | null>}
   */
  async ready(options) {
    await within(this.#first ?? this.loadCookie(), this.#lacksConsent ? 0 : read(options, "wait"));
    this.#isLate = true;
    return this[OWN_SESSION]() || null;
  }

  /**
   * @param {string} [value]
   * @param {Pick<CookieBridgeOptions, "maxAge">} [options]
   * @returns {Promise<CookieBridgeSaveResult>}
   */
  saveCookie(value, options) {
    // A value beyond all limits is not copied whole; what is left of it is too large as well.
    const text = typeof value === "string" ? value.slice(0, 8192) : value;
    return this.#call("save", { value: text, maxAge: read(options, "maxAge") });
  }

  /** @returns {Promise<CookieBridgeClearResult>} */
  clearCookie() {
    return this.#call("clear");
  }

  /**
   * @param {ThirdPartyCookieNotification} [callback]
   * @returns {Promise<CookieBridgeTestResult>}
   */
  cookieTest(callback = this.#callback) {
    const test = this.#call("test").catch((error) => {
      if (this.#page && !trouble) throw error;
      return { jar: "unreachable", readable: false, canRequestAccess: false, canContinue: false, code: error.code };
    });
    /** @param {CookieBridgeTestResult} result */
    const tell = (result) => notify(callback, result.jar === "shared", result);
    test.then(
      (result) => {
        // Of a bridge that nobody can reach it is not known what the browser would do with its cookies.
        if (result.jar !== "unreachable") return tell(result);
        const end = this.on("tested", (late) => {
          end();
          tell(late);
        });
      },
      () => {},
    );
    return test;
  }

  /**
   * @param {string} origin
   * @returns {Promise<boolean>}
   */
  isTrusted(origin) {
    return this.#call("trusts", { origin: typeof origin === "string" ? origin : "" });
  }

  /**
   * @param {Element} element
   * @param {CookieBridgeButton} [options]
   * @returns {Promise<CookieBridgeAccessResult>}
   */
  mountAccessButton(element, options = {}) {
    return this.#call("mount", { button: toJson(options) }, element);
  }

  /**
   * @param {CookieBridgeContinueOptions} [options]
   * @returns {Promise<CookieBridgeContinueResult>}
   */
  continueSession(options) {
    const confirm = read(options, "confirm");
    const element = read(options, "accessElement");
    const button = element && toJson(read(options, "accessButton") ?? {});
    return this.#call("continue", { confirm: confirm && toJson(confirm), button }, element);
  }

  /**
   * @param {boolean} isGiven
   * @returns {Promise<boolean>}
   */
  setConsent(isGiven) {
    this.#lacksConsent = isGiven !== true;
    return this.#call(this.#lacksConsent ? "consent-withdrawn" : "consent-given");
  }

  /**
   * @template {keyof CookieBridgeEvents} Type
   * @param {Type} type
   * @param {(detail: CookieBridgeEvents[Type]) => void} listener
   * @returns {() => void}
   */
  on(type, listener) {
    const page = this.#page;
    page?.events.add(type, listener);
    const look = () => document.hidden || this.#tell("visible");
    if (type === "change") document.addEventListener("visibilitychange", look, { signal: page?.gone.signal });
    return () => {
      page?.events.delete(type, listener);
      document.removeEventListener("visibilitychange", look);
    };
  }

  destroy() {
    this.#tell("destroyed");
    this.#page?.gone.abort();
  }

  [LACKS_CONSENT]() {
    return this.#lacksConsent;
  }

  /** @returns {string | null} */
  [OWN_SESSION]() {
    if (this.#lacksConsent) return null;
    this.#tell("own-session-wanted");
    return firstCookie(this.name);
  }

  [REMOVE_OWN_SESSION]() {
    this.#tell("own-session-ended");
  }
}
