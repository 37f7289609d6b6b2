// Around the generated glue: instantiates the module synchronously, so that the class is there on the line after the script; does in
// the page what the module decides, and tells it what happens there.
import * as wasm from "glue";
import module from "module";
import { unpack } from "unpack";
import { ownCookies, ownSession, removeOwn } from "./chat/attach.js";
import { genesysExtension, restoreLate } from "./chat/genesys.js";

const start = () => {
  // False where the page forbids WebAssembly. The chat must start all the same, and every call must say why nothing is shared.
  let runs = false;
  try {
    wasm.initSync({ module: unpack(module) });
    runs = true;
  } catch (cause) {
    console.warn("Cookie Bridge:", cause);
  }

  // The last part of an address that belongs to a hand-over (see core/handoff.rs), taken out before any later script can read it.
  const HAND_OVER = "~cookie-bridge=";
  let [fragment, arrived] = location.hash.split(HAND_OVER);
  try {
    if (arrived) {
      history.replaceState(history.state, "", location.pathname + location.search + (fragment === "#" ? "" : fragment));
      arrived = JSON.parse(decodeURIComponent(arrived));
      if (!Array.isArray(arrived) || !arrived.every((part) => typeof part === "string")) arrived = undefined;
    }
  } catch {
    arrived = undefined;
  }
  const { subtle } = crypto;
  const CURVE = { name: "ECDH", namedCurve: "P-256" };
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const toBytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt());
  const secret = async (key, peer) => {
    const point = await subtle.importKey("raw", toBytes(peer), CURVE, false, []);
    return subtle.deriveKey({ name: "ECDH", public: point }, key, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  };
  // Each key is used once, so its counter may start anywhere.
  const CIPHER = { name: "AES-GCM", iv: new Uint8Array(12) };
  const goTo = (url, parts) => {
    url.hash += HAND_OVER + encodeURIComponent(JSON.stringify(parts));
    return url.href;
  };

  /** Milliseconds. */
  const COOKIE_WAIT = 5000;
  const LOAD_WAIT = 10000;

  const failure = (code, message) => Object.assign(new Error(message), { name: "CookieBridgeError", code });

  const notify = (listener, detail) => {
    try {
      if (typeof listener === "function") listener(detail);
    } catch (error) {
      console.error(error);
    }
  };

  // The owner's list of rungs as bits; a number that is none of these sets if something in it is no rung.
  const RUNGS = ["cookie", "storage-access", "popup", "link", "store"];
  const bits = (access) => {
    if (access === undefined || access === null) return 23;
    if (!Array.isArray(access)) return NaN;
    return access.reduce((sum, rung) => sum | (RUNGS.includes(rung) ? 2 ** RUNGS.indexOf(rung) : 32), 0);
  };

  const areOfOneOrigin = (a, b) => {
    try {
      return new URL(a).origin === new URL(b).origin;
    } catch {
      return false;
    }
  };

  // The page of one provider.
  const open = (name, iframeUrl, options) => {
    let id,
      url,
      frame,
      place,
      popup,
      referrer,
      noted,
      lastCall = 0;
    // Ends with `destroy()`.
    const gone = new AbortController();
    const { signal } = gone;
    // To the iframe and to the popup.
    const ports = [];
    let isLoaded,
      isForbidden,
      since,
      patience = LOAD_WAIT;
    // A bridge page has exactly one inner frame. It is all that a page of another site can see of it.
    const hasBridge = () => frame?.contentWindow?.length === 1;
    const { server, reference } = options ?? {};
    // Nothing is sent that the page did not say. As text, so that the browser needs no leave to send it while the page is left.
    const ask = (path, body, keepalive) =>
      fetch(new URL(path, server), { method: "POST", body: JSON.stringify({ name, ...body }), keepalive, credentials: "omit" });
    let asked;
    const calls = new Map();
    const listeners = new Map();

    const page = {
      // An iframe that is moved is loaded anew in any case.
      insert() {
        page.removeFrame();
        frame = document.createElement("iframe");
        frame.src = url.href;
        frame.hidden = !place;
        if (place) frame.style = "border:0;width:100%;height:44px;color-scheme:normal";
        isLoaded = false;
        since = performance.now();
        frame.addEventListener("load", () => {
          isLoaded = true;
          patience = LOAD_WAIT;
          if (hasBridge()) isForbidden = false;
          wasm.wasmFrameLoaded(id);
        });
        // The script may run before there is a body.
        (place ?? document.body ?? document.documentElement).append(frame);
      },
      // A document that may have no cookies (sandboxed, or of a data: address) throws: it is an empty jar that keeps nothing.
      cookies() {
        try {
          return document.cookie;
        } catch {
          return "";
        }
      },
      setCookie(cookie) {
        try {
          document.cookie = cookie;
          // A widget's cookie of the same name, of a domain above, would hide it.
          const [key] = cookie.split("=");
          if (ownCookies(key).length > !cookie.includes("; Max-Age=0")) {
            removeOwn(key);
            document.cookie = cookie;
          }
          if (key === name) page.seen = ownSession(name);
        } catch {
          // It reads as not kept.
        }
      },
      greet(isPopup, hello) {
        // None if the page has removed the iframe meanwhile.
        const target = isPopup ? popup : frame?.contentWindow;
        if (!target) return;
        const { port1, port2 } = new MessageChannel();
        ports[+isPopup]?.close();
        ports[+isPopup] = port1;
        port1.onmessage = ({ data }) => wasm.wasmMessage(id, isPopup, data);
        target.postMessage(hello, url.origin, [port2]);
      },
      post: (isPopup, message) => ports[+isPopup]?.postMessage(message),
      time(call, ms) {
        setTimeout(() => {
          // Firefox and WebKit do not tell that a page could not be loaded.
          isLoaded ||= performance.now() - since > patience;
          wasm.wasmExpired(id, call, hasBridge());
        }, ms);
      },
      settle(call, result) {
        calls.get(call)?.[0](result);
        calls.delete(call);
      },
      // Also written to the console, since nobody needs to await a call.
      fail(call, code, message) {
        const error = failure(code, message);
        if (code !== "destroyed") console.warn(error);
        calls.get(call)?.[1](error);
        calls.delete(call);
      },
      emit(type, detail) {
        for (const listener of listeners.get(type) ?? []) notify(listener, detail);
      },
      removeFrame() {
        ports[0]?.close();
        frame?.remove();
        frame = undefined;
      },
      openPopup() {
        let opened = null;
        let isReady = false;
        try {
          opened = window.open(url.href, "cookie-bridge", "popup,width=420,height=260");
        } catch {
          // A sandboxed page that may open none.
        }
        popup = opened;
        const hear = ({ source, origin, data }) => {
          if (source === opened && origin === url.origin) isReady = wasm.wasmPopupSent(id, data) || isReady;
        };
        if (!opened) return false;
        addEventListener("message", hear);
        // No event tells that a popup was closed. One that looks closed and was never heard of may be there, out of sight. The page's
        // headers would tell, but to ask for them is more than a strict policy allows.
        const watch = setInterval(() => {
          if (popup === opened && !opened.closed) return;
          clearInterval(watch);
          removeEventListener("message", hear);
          if (popup === opened) wasm.wasmPopupClosed(id, !isReady);
        }, 200);
        return true;
      },
      closePopup() {
        ports[1]?.close();
        popup?.close();
        popup = undefined;
      },
      async ask() {
        try {
          const [step, nonce, , path] = arrived;
          if (step === "code") {
            const { value, from } = await (await ask("redeem", { code: nonce })).json();
            return wasm.wasmHandedOver(id, from === referrer && typeof value === "string" ? value : undefined);
          }
          const back = new URL(path, referrer);
          const { privateKey, publicKey } = await subtle.generateKey(CURVE, true, ["deriveKey"]);
          note(sessionStorage, nonce, [referrer, Date.now(), await subtle.exportKey("jwk", privateKey)]);
          const key = toText(await subtle.exportKey("raw", publicKey));
          // The way back is a path of the page that the visitor came from, and nothing else.
          if (back.origin !== referrer) throw back;
          location.replace(goTo(back, ["ask", nonce, name, key, location.href]));
        } catch {
          wasm.wasmHandedOver(id);
        }
      },
      async give(session) {
        try {
          const to = new URL(arrived[4]);
          // To the page that asked, and nowhere else.
          if (to.origin !== referrer) return;
          if (session === undefined) return location.replace(to.href);
          const { privateKey, publicKey } = await subtle.generateKey(CURVE, false, ["deriveKey"]);
          const key = await secret(privateKey, arrived[3]);
          const sealed = await subtle.encrypt(CIPHER, key, new TextEncoder().encode(session));
          const parts = ["give", arrived[1], name, toText(await subtle.exportKey("raw", publicKey)), toText(sealed)];
          location.replace(goTo(to, parts));
        } catch (cause) {
          console.warn("Cookie Bridge:", cause);
        }
      },
      async openGift() {
        let session;
        try {
          const mine = await subtle.importKey("jwk", noted[2], CURVE, false, ["deriveKey"]);
          const key = await secret(mine, arrived[3]);
          session = new TextDecoder().decode(await subtle.decrypt(CIPHER, key, toBytes(arrived[4])));
        } catch {
          // It was not sealed for this page.
        }
        wasm.wasmHandedOver(id, session);
      },
      // One after the other, so that a load finds what was saved before it.
      askStore(call, what, value, since) {
        asked = Promise.resolve(asked).then(async () => {
          let found, code;
          try {
            const { maxAge } = options;
            const age = since ? Date.now() - since : 0;
            const signed = typeof reference === "function" ? await reference() : reference;
            const response = await ask("session/" + what, { reference: signed, value, age, maxAge });
            ({ value: found = null, code = null } = await response.json());
            // Nonsense counts as no answer.
            if (!response.ok || code !== null || typeof (found ?? "") !== "string") code = String(code ?? "");
          } catch {
            code = "";
          }
          wasm.wasmStoreAnswered(id, call, code === null ? (found ?? undefined) : undefined, code ?? undefined);
        });
      },
    };
    // What a step notes for a later one of this page's own, until that has come or can come no more. Storage may throw: where the
    // browser blocks it, there is nothing to hand over either.
    const NOTE = "cookie-bridge.";
    const note = (storage, nonce, parts) => {
      for (const key of Object.keys(storage))
        if (key.startsWith(NOTE) && !(JSON.parse(storage[key])[1] > Date.now() - 60000)) storage.removeItem(key);
      storage.setItem(NOTE + nonce, JSON.stringify(parts));
    };
    const takeNote = (storage, nonce) => {
      try {
        const parts = JSON.parse(window[storage].getItem(NOTE + nonce));
        window[storage].removeItem(NOTE + nonce);
        return parts;
      } catch {
        return null;
      }
    };
    const handOver = () => {
      const step = arrived?.[2] === name ? ["offer", "ask", "give", "code"].indexOf(arrived[0]) : -1;
      if (step >= 0) {
        referrer = document.referrer && new URL(document.referrer).origin;
        noted = step ? takeNote(step === 1 ? "localStorage" : "sessionStorage", arrived[1]) : null;
        // Once the page's own script has had the time to listen.
        queueMicrotask(() => wasm.wasmArrived(id, step, referrer, noted?.[0] ?? "", noted?.[1] ?? 0));
      }
    };
    const watchLinks = (mayOffer) => {
      // The link that an event is about, if it leads to another origin. Whoever can write a link on this page must not hand over a session
      // of theirs in its name, so it is cleaned: before the click, because a browser's menu opens a link without one; where this page hands
      // over nothing itself, too; and within the origin, which may lead on.
      const linkOf = (event) => {
        const { submitter } = event;
        const target = event.composedPath?.()[0] ?? event.target;
        const link = submitter?.hasAttribute("formaction") ? submitter : target.closest?.("a[href],area[href],form");
        const key = submitter === link ? "formaction" : link?.tagName === "FORM" ? "action" : "href";
        try {
          const to = new URL(link.getAttribute(key), document.baseURI);
          if (to.hash.includes(HAND_OVER)) {
            to.hash = to.hash.split(HAND_OVER)[0];
            link.setAttribute(key, to.href);
          }
          return to.origin !== location.origin && { link, key, to };
        } catch {
          return false;
        }
      };
      // Whether the bridge trusts a link's origin must be known before the click.
      const near = (event) => {
        const { to } = linkOf(event);
        if (to && mayOffer) wasm.wasmLinkNear(id, to.origin);
      };
      const nearAll = () => [...document.links, ...document.forms].forEach((target) => near({ target }));
      addEventListener("load", nearAll, { signal });
      nearAll();
      const follow = (event) => {
        const { link, key, to } = linkOf(event);
        if (!mayOffer) return;
        // What a form posts could not be repeated.
        if (event.type === "submit" && (event.submitter?.formMethod || event.target.method) !== "get") return;
        // A click in a form is none on a link.
        if (!to || (event.type === "submit") === (key === "href")) return;
        if (!wasm.wasmOffers(id, to.origin)) return;
        const nonce = toText(crypto.getRandomValues(new Uint8Array(16)));
        try {
          if (server) ask("code", { code: nonce, to: to.origin, value: ownSession(name) }, true).catch(console.warn);
          else note(localStorage, nonce, [to.origin, Date.now()]);
        } catch {
          // Without storage there is nobody to ask; the link works as it is.
          return;
        }
        const before = link.getAttribute(key);
        link.setAttribute(key, goTo(to, server ? ["code", nonce, name] : ["offer", nonce, name, location.pathname + location.search]));
        // The browser has read it by then, and the page's own scripts find what they wrote.
        setTimeout(() => link.setAttribute(key, before));
      };
      for (const type of ["pointerover", "focusin", "touchstart"]) addEventListener(type, near, { capture: true, passive: true, signal });
      for (const type of ["click", "auxclick", "submit"]) addEventListener(type, follow, { capture: true, signal });
    };
    try {
      if (typeof iframeUrl === "string") url = new URL(iframeUrl, document.baseURI);
    } catch {
      // The module refuses it.
    }
    const isSecure = location.protocol === "https:";
    const rungs = bits(options?.access);
    const known = rungs < 32 ? (reference ? rungs : rungs & 15) : NaN;
    id = wasm.wasmOpen(page, url?.protocol ?? "", url?.hostname ?? "", isSecure, name, options, known);
    if (known & 8) handOver();
    watchLinks(known & 8);
    // What this page's own policy forbids will never come, so nobody has to wait for it.
    document.addEventListener(
      "securitypolicyviolation",
      ({ blockedURI, disposition, effectiveDirective: directive }) => {
        if (disposition !== "enforce") return;
        if (directive === "frame-src" && areOfOneOrigin(blockedURI, url)) {
          isForbidden = !hasBridge();
          wasm.wasmFrameForbidden(id);
        }
        if (directive === "connect-src" && areOfOneOrigin(blockedURI, server))
          console.warn("Cookie Bridge: add " + new URL(server).origin + " to connect-src of this page's Content-Security-Policy.");
      },
      { signal },
    );
    return {
      id,
      gone,
      listeners,
      page,
      mountIn: (element) => (place = element),
      call(method, values) {
        return new Promise((resolve, reject) => {
          // The page may have removed it, or something else was loaded into it. What is still loading is waited for.
          if (frame && !isForbidden && !hasBridge() && (isLoaded || !frame.isConnected)) {
            if (!place?.isConnected) place = undefined;
            // The next one has twice the time: it may be that the network is slow.
            patience *= 2;
            page.insert();
          }
          calls.set(++lastCall, [resolve, reject]);
          method(id, lastCall, ...values);
        });
      },
    };
  };

  class CookieProvider {
    // For the doctor. Without a module, the build without WebAssembly runs.
    static needsWasm = module !== undefined;
    #page;
    #callback;
    constructor(name, iframeUrl, callback, options) {
      this.name = name;
      if (runs) this.#page = open(name, iframeUrl, options);
      this.#callback = callback;
    }
    #call(method, ...values) {
      const blocked = "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src.";
      const promise = runs ? this.#page.call(method, values) : Promise.reject(failure("wasm-blocked", blocked));
      // Nobody needs to await it: failures are on the console already, and are no unhandled rejections of the page's.
      promise.catch(() => {});
      return promise;
    }
    loadCookie() {
      const load = this.#call(wasm.wasmLoad);
      restoreLate(this, load);
      return load;
    }
    saveCookie(value, options) {
      const save = () => this.#call(wasm.wasmSave, value, options);
      if (value !== undefined || !runs) return save();
      // A chat may set its cookie only after it has said that it started: what it sets in the next seconds is saved, too.
      const end = Date.now() + COOKIE_WAIT;
      const { page } = this.#page;
      let isSaved = false;
      page.seen = null;
      const saved = new Promise((resolve) => {
        const look = () => {
          const own = ownSession(this.name);
          const isOver = Date.now() > end;
          if ((own && own !== page.seen) || (isOver && !isSaved)) {
            page.seen = own;
            isSaved = true;
            resolve(save());
          }
          if (!isOver) setTimeout(look, 100);
        };
        look();
      });
      saved.catch(() => {});
      return saved;
    }
    clearCookie() {
      return this.#call(wasm.wasmClear);
    }
    cookieTest(callback = this.#callback) {
      const test = this.#call(wasm.wasmTest).catch((error) => {
        if (runs) throw error;
        return { jar: "unreachable", readable: false, canRequestAccess: false, canContinue: false, code: error.code };
      });
      test.then(
        (result) => notify(callback, result.jar === "shared"),
        () => {},
      );
      return test;
    }
    isTrusted(origin) {
      return this.#call(wasm.wasmTrusts, String(origin));
    }
    mountAccessButton(element, options = {}) {
      const hasElement = element instanceof Element;
      if (hasElement) this.#page?.mountIn(element);
      return this.#call(wasm.wasmMount, hasElement, JSON.stringify(options));
    }
    continueSession({ confirm } = {}) {
      return this.#call(wasm.wasmContinue, confirm && JSON.stringify(confirm));
    }
    on(type, listener) {
      const page = this.#page;
      const added = page?.listeners.get(type) ?? new Set();
      page?.listeners.set(type, added.add(listener));
      const look = () => document.hidden || (runs && wasm.wasmLook(page.id));
      if (type === "change") document.addEventListener("visibilitychange", look, { signal: page?.gone.signal });
      return () => {
        added.delete(listener);
        document.removeEventListener("visibilitychange", look);
      };
    }
    destroy() {
      if (!runs) return;
      wasm.wasmDestroy(this.#page.id);
      this.#page.gone.abort();
    }
  }
  window.CookieProvider = CookieProvider;

  // The complete sample of Genesys' documents lists it although it makes an instance of its own, which does the work.
  window.CookieProviderExtension = () => {};
  window.initCookieProviderExtension = (name, iframeUrl, callback, options) =>
    // The iframe loads from now on.
    genesysExtension(new CookieProvider(name, iframeUrl, callback, options), callback, options);
};

// A second copy of the script changes nothing for the providers of the first.
const mark = Symbol.for("cookie-bridge");
if (!window[mark]) {
  window[mark] = true;
  start();
}
