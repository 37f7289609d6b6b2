/** What the bridge's cookie jar is worth under this page's top-level site. */
type CookieBridgeJar = "shared" | "partitioned" | "blocked" | "unreachable";

/** The ways to share a session, from the cheapest to the most explicit. */
type CookieBridgeRung = "cookie" | "storage-access" | "popup" | "link" | "store";

/** Through what a session went; `local` means this domain's own cookie only: nothing was shared. */
type CookieBridgeVia = CookieBridgeRung | "local";

/**
 * The stable codes of errors; docs/errors.md says what to do about each. No call is rejected with one of `handoff-…`: the event `refused` and the
 * console report it on the page that a link leads to. On the page that the visitor leaves, only `handoff-no-return-page` occurs, on the console.
 */
type CookieBridgeErrorCode =
  | "iframe-url-invalid"
  | "cookie-name-invalid"
  | "cookie-value-invalid"
  | "cookie-too-large"
  | "lifetime-invalid"
  | "timeout-invalid"
  | "access-invalid"
  | "rung-forbidden"
  | "element-missing"
  | "session-missing"
  | "destroyed"
  | "wasm-blocked"
  | "wasm-missing"
  | "start-failed"
  | "script-altered"
  | "iframe-unreachable"
  | "iframe-isolated"
  | "iframe-redirected"
  | "iframe-forbidden"
  | "origin-not-trusted"
  | "bridge-not-running"
  | "list-unreadable"
  | "not-allowed"
  | "timeout"
  | "session-http-only"
  | "consent-withdrawn"
  | "first-party-cookie-refused"
  | "save-refused"
  | "access-needs-visit"
  | "access-refused"
  | "access-pending"
  | "access-button-hidden"
  | "popup-blocked"
  | "popup-closed"
  | "popup-cut-off"
  | "handoff-no-return-page"
  | "handoff-not-trusted"
  | "handoff-expired"
  | "handoff-session-running"
  | "handoff-unreadable"
  | "session-lost"
  | "session-superseded"
  | "session-replaced"
  | "reference-invalid"
  | "reference-expired"
  | "store-unavailable"
  | "clear-refused"
  | "version-mismatch"
  | "bridge-outdated"
  | "request-malformed"
  | "reply-malformed"
  | "stored-value-malformed"
  | "too-many-requests";

interface CookieBridgeError extends Error {
  readonly code: CookieBridgeErrorCode;
}

interface CookieBridgeOptions {
  /** Milliseconds before a call that is not answered fails: 1 to 600000, by default 10000. */
  timeout?: number;
  /**
   * Seconds that a session is kept after each save, in the bridge and on every page: 1 to 34560000. Without it, a session that has a lifetime keeps it,
   * and a new one is kept until the browser is closed.
   */
  maxAge?: number;
  /** What may be used; by default all but `link`, for which both domains also host a return page: docs/hand-over.md. */
  access?: CookieBridgeRung[];
  /** The address of the bridge server, if there is one: for the rung `store`. */
  server?: string;
  /** The customer's reference, signed by this site's backend, or a function that fetches one: for the rung `store`. */
  reference?: string | (() => string | Promise<string>);
  /** `false`: nothing is stored, read or requested before `setConsent(true)`; calls wait for it. By default `true`. */
  consent?: boolean;
}

/** What the button in the bridge's iframe or popup looks like. All but `label` and `lang` are CSS values. */
interface CookieBridgeButton {
  /** By default "Continue your conversation". */
  label?: string;
  /** The language of the label, for screen readers: by default `en`. */
  lang?: string;
  color?: string;
  background?: string;
  borderRadius?: string;
  font?: string;
}

/** What `continueSession` takes. */
interface CookieBridgeContinueOptions {
  /** The button in the popup, which the visitor must click before the popup does anything; without it, no click. */
  confirm?: CookieBridgeButton;
  /** Where the access button is mounted after the popup, if a click on it can succeed; 44 pixels high. Without it, or `null`, nowhere. */
  accessElement?: Element | null;
  /** What the access button looks like. */
  accessButton?: CookieBridgeButton;
}

interface CookieBridgeLoadResult {
  /** Whether a session came from the bridge and is now this page's own cookie. */
  readonly loaded: boolean;
  readonly value: string | null;
  readonly via: CookieBridgeVia;
  readonly jar: CookieBridgeJar;
  /**
   * `session-lost` where this page's session was saved once and is gone though nobody ended it; if this page still has it, it is being saved again.
   * `session-replaced` where the page saved a session of its own before the bridge had answered, which takes the place of the one that the bridge had.
   */
  readonly code: CookieBridgeErrorCode | null;
}

interface CookieBridgeSaveResult {
  /** True only after the session was read back from a shared jar. */
  readonly saved: boolean;
  readonly via: CookieBridgeVia;
  readonly jar: CookieBridgeJar;
}

interface CookieBridgeClearResult {
  /** True only if the shared jar has no such session any more; this page's own cookie is gone in any case. */
  readonly cleared: boolean;
  readonly via: CookieBridgeVia;
  readonly jar: CookieBridgeJar;
}

interface CookieBridgeTestResult {
  readonly jar: CookieBridgeJar;
  /** Whether sessions that were saved elsewhere can be read here. */
  readonly readable: boolean;
  /** Whether the access button can help: the browser may grant storage access after a click in the iframe. */
  readonly canRequestAccess: boolean;
  /** Whether `continueSession` may be called. */
  readonly canContinue: boolean;
  /**
   * With `unreachable`: why. Otherwise why `canRequestAccess` is false: `access-needs-visit` if `continueSession({ confirm })` comes first,
   * `access-refused` if the browser grants nothing here; null if nothing is needed, or the option `access` does not allow it.
   */
  readonly code: CookieBridgeErrorCode | null;
}

interface CookieBridgeAccessResult {
  readonly granted: boolean;
  /** What the jar is worth now, once the visitor has decided. */
  readonly jar?: CookieBridgeJar;
  /** Why it is not granted. */
  readonly code: CookieBridgeErrorCode | null;
}

interface CookieBridgeContinueResult {
  /** Whether a save (or a clear) that could not be shared before is done now. */
  readonly saved: boolean;
  /** Whether there is a session, which is now this page's own cookie. */
  readonly loaded: boolean;
  readonly value: string | null;
  readonly via: "popup" | "local";
  readonly jar: CookieBridgeJar;
  /** As for `loadCookie`. */
  readonly code: CookieBridgeErrorCode | null;
}

/** What `on` tells, by its type. What a call could not do in time comes as an event. */
interface CookieBridgeEvents {
  /** The bridge has another session than this page knew, or none. The page's own cookie is as it was: `loadCookie` takes it over. */
  change: { readonly value: string | null };
  /** A save that could not be shared at once is shared now. */
  saved: CookieBridgeSaveResult;
  /** A session that could not be loaded before, or came after `ready()` had ended, is now this page's own cookie. */
  loaded: CookieBridgeLoadResult;
  /** A test that had no answer in time has one now. */
  tested: CookieBridgeTestResult;
  /** What came of the access button. */
  access: CookieBridgeAccessResult;
  /** A link handed no session over (a code `handoff-…`, or why this page could not keep the session), or the bridge server could not help. */
  refused: { readonly code: CookieBridgeErrorCode };
}

/**
 * Told whether the browser shares the bridge's cookies, and the whole result. It is not called while no bridge answers, because nothing is known of
 * the browser then, but as soon as one does.
 */
type ThirdPartyCookieNotification = (isEnabled: boolean, result: CookieBridgeTestResult) => void;

/** Rejections are `CookieBridgeError`s. No call needs to be awaited: a failure is also written to the console. */
declare class CookieProvider {
  constructor(
    SESSION_COOKIE_NAME: string,
    IFRAME_URL: string,
    showThirdPartyCookieNotification?: ThirdPartyCookieNotification,
    options?: CookieBridgeOptions,
  );
  /** Fetches the session from the bridge and sets it as this page's own cookie. */
  loadCookie(): Promise<CookieBridgeLoadResult>;
  /**
   * When a chat may start: once the first load has ended (it begins one if there was none), or after `wait` milliseconds (0 to 600000, by default
   * 2000) in which the page was shown. Resolves with this page's own session, or null; never rejects. If the session comes later, the event `loaded`
   * tells, or `change` if the page has got one of its own by then.
   */
  ready(options?: { wait?: number }): Promise<string | null>;
  /** Takes this page's own session cookie, or the value, to the bridge. */
  saveCookie(value?: string, options?: Pick<CookieBridgeOptions, "maxAge">): Promise<CookieBridgeSaveResult>;
  /** Ends the session here and in the bridge. */
  clearCookie(): Promise<CookieBridgeClearResult>;
  /** Tests for third-party cookies. The callback gets `true` only for `shared`, and nothing while the jar is `unreachable`. */
  cookieTest(callback?: ThirdPartyCookieNotification): Promise<CookieBridgeTestResult>;
  /** Whether an origin is in the bridge's `TRUSTED_DOMAINS`. */
  isTrusted(origin: string): Promise<boolean>;
  /**
   * Shows the bridge's button in the element, 44 pixels high: a click in it asks the browser for storage access. Settles with the
   * visitor's first decision, which may never come; later ones are told by the event `access`. Where no click can succeed, it shows nothing and
   * is rejected with the `code` of `cookieTest`.
   */
  mountAccessButton(element: Element, options?: CookieBridgeButton): Promise<CookieBridgeAccessResult>;
  /**
   * Opens the bridge in a popup, which saves what could not be shared and brings back the session. Call it inside a click. With
   * `confirm`, the visitor clicks a button in the popup first: the visit without which Chromium and Safari grant no storage access, for 30 days.
   * With `accessElement`, the access button is mounted there once the session is loaded, if the jar is not shared and a click can now
   * succeed. The promise does not wait for that click: the event `access` reports what came of it. Rejected with `element-missing`, and
   * without a popup, if `accessElement` is something else.
   */
  continueSession(options?: CookieBridgeContinueOptions): Promise<CookieBridgeContinueResult>;
  /**
   * The visitor gives consent, or withdraws it (anything but `true`). Withdrawn, all that this page has stored is removed at once, and the session
   * from the bridge as far as the browser allows; waiting calls are rejected with `consent-withdrawn`, and later ones wait for consent.
   * Resolves with whether it is as told: for a withdrawal, once the bridge has answered, whether the bridge has no session of this name any more.
   */
  setConsent(isGiven: boolean): Promise<boolean>;
  /** Listens; the function that it returns ends it. */
  on<Type extends keyof CookieBridgeEvents>(type: Type, listener: (detail: CookieBridgeEvents[Type]) => void): () => void;
  /** Removes the iframe; what is pending is rejected with `destroyed`. */
  destroy(): void;
}

interface CookieBridgeExtensionOptions extends CookieBridgeOptions {
  /** Milliseconds after which the widgets start without a session: by default 2000. What comes later is followed. */
  wait?: number;
  /** Tells the visitor, or ends the chat, when the agent is done. By default off; `true` is the same as `{}`. */
  agentDisconnect?: boolean | CookieBridgeAgentDisconnect;
}

interface CookieBridgeAgentDisconnect {
  /** What asynchronous chat shows; by default the text of Genesys' sample. `false` shows nothing. */
  message?: string | false;
  /** Whether to show the message, or else end the chat. By default as `transport.async.enabled` in the widgets' configuration. */
  async?: boolean;
}

/**
 * The function to register as a Genesys Widgets extension: it becomes the plugin `CookieProvider` on the widgets' bus, with the
 * commands `load`, `save`, `clear`, `test`, `continue`, and the events `loaded`, `saved`, `cleared`, `jar`, `continued`, `error`.
 */
declare function initCookieProviderExtension(
  SESSION_COOKIE_NAME: string,
  IFRAME_URL: string,
  showThirdPartyCookieNotification?: ThirdPartyCookieNotification,
  options?: CookieBridgeExtensionOptions,
): (jQuery: unknown, CXBus: unknown, Common: unknown) => void;
