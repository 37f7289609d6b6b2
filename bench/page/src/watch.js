// Runs first in every document of the views whose steps are measured: notes when something happens there, and the longest task.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const watched = { longest: 0 };
  window.watched = watched;
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) {
      // The page and the iframe share a thread here. Each counts only its own tasks.
      if (!name.startsWith("cross-origin")) watched.longest = Math.max(watched.longest, duration);
    }
  }).observe({ type: "longtask", buffered: true });

  const whole = { childList: true, subtree: true };
  if (window === top) {
    new MutationObserver(() => {
      if (document.querySelector("iframe")) watched.inserted ??= now();
    }).observe(document, whole);
    document.addEventListener("load", ({ target }) => target.localName === "iframe" && (watched.loaded ??= now()), true);
  } else {
    addEventListener("message", () => (watched.greeted ??= now()));
    new MutationObserver(() => {
      if (document.querySelector("button")) requestAnimationFrame(() => (watched.shown ??= now()));
    }).observe(document, whole);
  }
})();
