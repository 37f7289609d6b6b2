// The first script of each page here. Records what goes wrong, and which timers of ours run. It takes itself out of the document, because a
// framework that hydrates the document did not render it.
(() => {
  document.currentScript.remove();
  // Turbo runs it again with each page that it fetches.
  if (window.recorder) return;

  const complaints = [];
  const timers = new Map();
  window.recorder = { complaints, timers };

  // In Firefox and WebKit, a stack is without the message.
  const describe = (part) => (part?.stack ? `${part}\n${part.stack}` : String(part));
  const record = (kind, parts) => complaints.push([kind, ...parts.map(describe)].join(" "));
  for (const kind of ["error", "warn"]) {
    const write = console[kind];
    console[kind] = (...parts) => {
      record(kind, parts);
      write.apply(console, parts);
    };
  }
  addEventListener("error", ({ error, message, target }) => record("uncaught", [error ?? message ?? target.outerHTML]), true);
  addEventListener("unhandledrejection", ({ reason }) => record("unhandled", [reason]));

  const { setTimeout, clearTimeout } = window;
  // Chromium's default is too short for what Zone.js puts in between.
  Error.stackTraceLimit = 50;
  window.setTimeout = (task, delay, ...rest) => {
    const run = () => {
      timers.delete(id);
      task(...rest);
    };
    const id = setTimeout(run, delay);
    if (new Error().stack.includes("/cookie-provider.js")) timers.set(id, `${delay} ms`);
    return id;
  };
  window.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };
})();
