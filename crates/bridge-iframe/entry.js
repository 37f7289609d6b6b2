// Around the generated glue: instantiates the module, hands it the page's list, and shows what there is to see.
import * as wasm from "glue";
import module from "module";
import { unpack } from "unpack";

const start = () => {
  const report = (text, cause) => console.error("Cookie Bridge: " + text, cause);

  // The owner's list: `const TRUSTED_DOMAINS = […]` in a script, or a block of JSON where a policy forbids inline scripts.
  const readList = () => {
    if (typeof TRUSTED_DOMAINS !== "undefined") return TRUSTED_DOMAINS;
    const block = document.getElementById("trusted-domains");
    return block ? JSON.parse(block.textContent) : undefined;
  };

  // What JSON makes of an entry has no getters, proxies or functions, and is what the checks outside the browser read. What JSON would leave
  // out becomes a number, which is a mistake everywhere: without its `cookies: undefined`, an entry could use any name.
  const keep = (key, value) => (typeof value === "string" || typeof value === "object" ? value : 0);
  const plain = (entry) => {
    try {
      return JSON.parse(JSON.stringify(entry, keep));
    } catch {
      return 0;
    }
  };

  // The visible part, in the iframe and in the popup: one button, which says what the host page wants it to say.
  const show = (text, onClick, onSeen) => {
    let options = {};
    try {
      options = JSON.parse(text);
    } catch {
      // The defaults, then.
    }
    const say = (key, otherwise) => (typeof options[key] === "string" ? options[key] : otherwise);
    document.documentElement.lang = say("lang", "en");
    const button = document.createElement("button");
    button.style.cssText = "box-sizing:border-box;width:100%;min-height:44px;padding:8px 16px;border:0;cursor:pointer;outline-offset:-6px";
    for (const [property, otherwise] of [["color", "#fff"], ["background", "#1a5fb4"], ["borderRadius", "6px"], ["font", "16px system-ui"]])
      button.style[property] = otherwise, button.style[property] = say(property, otherwise);
    button.textContent = say("label", "Continue your conversation");
    button.dir = "auto";
    // A click counts only on what the visitor can see: nothing laid over the button makes them click it unawares.
    let isSeen = false;
    button.addEventListener("click", () => (isSeen ? onClick() : onSeen(false)));
    document.body.style.margin = 0;
    document.body.replaceChildren(button);
    // A frame that is out of view may hear nothing at all, and one that comes into view first hears that it is not, so only a
    // second without a good word counts. Once it was seen, the visitor may scroll as they like.
    let timer = setTimeout(onSeen, 1000, false);
    // Chromium also tells whether something covers it; the others, whether there is room for it.
    const look = (entries) => {
      const { isVisible, isIntersecting, intersectionRatio } = entries.at(-1);
      isSeen = intersectionRatio >= 0.5 && (isVisible ?? isIntersecting);
      if (!isSeen || !timer) return;
      clearTimeout(timer);
      timer = 0;
      onSeen(true);
    };
    new IntersectionObserver(look, { threshold: [0, 0.5, 0.9], trackVisibility: true, delay: 100 }).observe(button);
  };
  const permission = async () => (await navigator.permissions.query({ name: "storage-access" })).state;
  const watch = (onChange) => globalThis.cookieStore?.addEventListener("change", onChange);

  let list;
  try {
    list = readList();
    list = Array.isArray(list) ? Array.from(list, plain) : undefined;
  } catch (cause) {
    report("the JSON of #trusted-domains cannot be read; nobody is trusted.", cause);
    return;
  }
  try {
    // Synchronously, so that no message can come before the module listens.
    wasm.initSync({ module: unpack(module) });
    wasm.wasmStart(window, list, { show, permission, watch });
  } catch (cause) {
    report("WebAssembly did not start; this page's Content-Security-Policy needs 'wasm-unsafe-eval' in script-src.", cause);
    return;
  }
  // What a visitor sees: the popup on a slow connection, or the bridge's address typed in.
  const greeting = opener ? "One moment…" : "This page keeps chat sessions for other pages. doctor.html tells whether it works.";
  if (parent === window) addEventListener("DOMContentLoaded", () => document.body.prepend(greeting));
  // One inner frame is how a provider of whatever origin tells a bridge that does not trust it from an address where there is
  // none. It says no more than the page's own source, and it is the same for everybody.
  const sign = document.createElement("iframe");
  sign.hidden = true;
  document.documentElement.append(sign);
};

start();
