// What the scripts of this folder use and TypeScript's own declarations lack.

/** The allowlist, if a script of the page declares it. Anybody may have written anything into it. */
declare const TRUSTED_DOMAINS: unknown;

/** Version 2 of Intersection Observer, which only Chromium has: <https://w3c.github.io/IntersectionObserver/v2/>. */
interface IntersectionObserverInit {
  trackVisibility?: boolean;
  delay?: number;
}

interface IntersectionObserverEntry {
  readonly isVisible?: boolean;
}
