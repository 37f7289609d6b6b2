/** What the bridge's cookie jar is worth under this page's top-level site. */
type CookieBridgeJar = "shared" | "partitioned" | "blocked" | "unreachable";

/** Through what a session went: the bridge's own cookie, or this domain's own cookie only (nothing was shared). */
type CookieBridgeVia = "cookie" | "local";

/** The stable codes of errors; docs/errors.md says what to do about each. */
type CookieBridgeErrorCode =
  | "iframe-url-invalid"
  | "cookie-name-invalid"
  | "cookie-value-invalid"
  | "cookie-too-large"
  | "lifetime-invalid"
  | "timeout-invalid"
  | "session-missing"
  | "destroyed"
  | "wasm-blocked"
  | "iframe-unreachable"
  | "origin-not-trusted"
  | "timeout"
  | "first-party-cookie-refused"
  | "save-refused"
  | "clear-refused"
  | "version-mismatch"
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
  /** Seconds that the session is kept, on the bridge and on this page: 1 to 34560000; without it, until the browser is closed. */
  maxAge?: number;
}

interface CookieBridgeLoadResult {
  /** Whether a session came from the bridge and is now this page's own cookie. */
  readonly loaded: boolean;
  readonly value: string | null;
  readonly via: CookieBridgeVia;
  readonly jar: CookieBridgeJar;
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
  /** With `unreachable`: why. */
  readonly code: CookieBridgeErrorCode | null;
}

type ThirdPartyCookieNotification = (isEnabled: boolean) => void;

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
  /** Takes this page's own session cookie, or the value, to the bridge. */
  saveCookie(value?: string, options?: Pick<CookieBridgeOptions, "maxAge">): Promise<CookieBridgeSaveResult>;
  /** Ends the session here and in the bridge. */
  clearCookie(): Promise<CookieBridgeClearResult>;
  /** Tests for third-party cookies. The callback gets `true` only for `shared`. */
  cookieTest(callback?: ThirdPartyCookieNotification): Promise<CookieBridgeTestResult>;
  /** Removes the iframe; what is pending is rejected with `destroyed`. */
  destroy(): void;
}

/** The function to register as a Genesys Widgets extension. */
declare function initCookieProviderExtension(
  SESSION_COOKIE_NAME: string,
  IFRAME_URL: string,
  showThirdPartyCookieNotification?: ThirdPartyCookieNotification,
  options?: CookieBridgeOptions,
): (jQuery: unknown, CXBus: unknown, Common: unknown) => void;
