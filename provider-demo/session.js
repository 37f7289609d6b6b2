// What a site owner writes to keep a chat's session across domains, with every way that the bridge has.

// The bridge has a site of its own; in production this is "https://bridge.example/iframe.html".
const IFRAME_URL = `${location.protocol}//bridge.localhost:${location.port}/iframe.html`;
const SESSION_COOKIE_NAME = "demo-chat-session";

/** @param {boolean} isEnabled */
const showThirdPartyCookieNotification = (isEnabled) => chat.show("notice", !isEnabled);

const cookieProvider = new CookieProvider(SESSION_COOKIE_NAME, IFRAME_URL, showThirdPartyCookieNotification, {
  // "link" must be named to be used: a click on a link to the other shop then takes the session along.
  access: ["cookie", "storage-access", "popup", "link"],
});

// The bridge's own buttons: in its window, and in this page for storage access.
const CONFIRM = { label: "Continue my conversation", ...BUTTON, lang: "en" };
const ACCESS_BUTTON = { label: "Always bring my chat along", ...BUTTON, lang: "en" };
const accessElement = /** @type {HTMLElement} */ (document.getElementById("access"));

/** @param {CookieBridgeLoadResult | CookieBridgeContinueResult} result */
const showLoaded = ({ loaded, via }) => chat.report("loaded", loaded ? `the conversation, through “${via}”` : "nothing to load");
/** @param {CookieBridgeSaveResult} result */
const showSaved = ({ saved, via, jar }) => {
  if (saved) {
    chat.report("saved", `yes, through “${via}”`, "good");
    // Without the popup, so it will be like this for what follows, too.
    if (via !== "popup") {
      chat.report("jar", `${jar}, through “${via}”`, "good");
      chat.advise(null);
      chat.show("notice", false);
    }
    return;
  }
  chat.report("saved", `on this site only: the jar is ${jar}`, "bad");
  // What an earlier click has shared was another conversation, so the ways on are offered again.
  chat.report("jar", jar, "bad");
  chat.show("notice", true);
};
/**
 * @param {"loaded" | "saved"} row
 * @returns {(error: CookieBridgeError) => void}
 */
const showError = (row) => (error) => chat.report(row, `${error.code}: ${error.message}`, "bad");

/** @param {string} session */
const setOwnCookie = (session) => {
  document.cookie = `${SESSION_COOKIE_NAME}=${session}; Path=/; SameSite=Lax`;
};
/**
 * Goes where the visitor has gone on another page. Without the cookie's removal a reload would bring an ended chat back.
 * @param {string | null} session
 */
const follow = (session) => {
  if (session) {
    setOwnCookie(session);
    chat.resume(session);
  } else {
    document.cookie = `${SESSION_COOKIE_NAME}=; Path=/; Max-Age=0`;
    chat.close();
  }
};

// What the browser allows, and what to offer where it keeps the shops apart.
cookieProvider.cookieTest().then(({ jar, canContinue, canRequestAccess }) => {
  chat.report("jar", jar, jar === "shared" ? "good" : "bad");
  chat.show("continue", canContinue);
  if (canRequestAccess) cookieProvider.mountAccessButton(accessElement, ACCESS_BUTTON);
});

// Before the chat starts: fetch the session from the bridge. It is then this page's own cookie.
cookieProvider
  .loadCookie()
  .then(showLoaded, showError("loaded"))
  .then(() => {
    const own = document.cookie.split("; ").find((cookie) => cookie.startsWith(SESSION_COOKIE_NAME + "="));
    if (own) chat.resume(own.slice(SESSION_COOKIE_NAME.length + 1));
  });

// After a chat has started: set the page's own cookie as ever, and take it to the bridge.
chat.hooks.started = (session) => {
  setOwnCookie(session);
  cookieProvider.saveCookie().then(showSaved, showError("saved"));
};

// After a chat has ended: nowhere any more.
chat.hooks.ended = () =>
  cookieProvider
    .clearCookie()
    .then(
      ({ cleared, jar }) => chat.report("saved", cleared ? "cleared" : `cleared on this site only: the jar is ${jar}`),
      showError("saved"),
    );

// Directly in the click, or the browser blocks the popup. The click in it opens the way to storage access, whose button appears afterwards.
/** @type {HTMLElement} */ (document.getElementById("continue")).addEventListener("click", () => {
  chat.advise(null);
  cookieProvider.continueSession({ confirm: CONFIRM, accessElement, accessButton: ACCESS_BUTTON }).then(
    async (result) => {
      const { saved, loaded, value, via, jar } = result;
      // Even the bridge's own window can keep nothing.
      if (jar !== "shared") return chat.advise("first-party-cookie-refused");
      showLoaded(result);
      follow(value);
      if (!loaded) return chat.advise("session-missing");
      if (saved) showSaved(result);
      chat.report("jar", `${jar}, through “${via}”`, "good");
      // The access button is in the notice.
      const { canRequestAccess } = await cookieProvider.cookieTest();
      chat.show("notice", canRequestAccess);
    },
    (error) => chat.advise(error.code),
  );
});

// What came of the access button, at each click. The session itself follows as "saved" or "loaded".
cookieProvider.on("access", ({ granted, jar, code }) => {
  if (granted) {
    chat.report("jar", `${jar}, through “storage-access”`, "good");
    chat.show("notice", false);
    return;
  }
  // A button out of view is also one that the visitor has scrolled past, which calls for no advice.
  if (code !== "access-button-hidden") chat.advise(code);
});
cookieProvider.on("saved", showSaved);
cookieProvider.on("loaded", (result) => {
  showLoaded(result);
  if (result.value) chat.resume(result.value);
});
cookieProvider.on("change", ({ value }) => follow(value));

chat.link(`${location.protocol}//${OTHER_SHOP}:${location.port}/`);
