// Ties a chat to a provider. All that is known here of a chat is `start` and `follow`; the adapters beside this file, and anybody
// else's, say what those do in one chat system. docs/chat-systems.md describes the interface.

/** The page's own cookies of this name: more than one, if a widget has set its own for a whole domain. */
export const ownCookies = (name) => document.cookie.split("; ").filter((cookie) => cookie.startsWith(name + "="));

/** The page's own session cookie of this name, or null. */
export const ownSession = (name) => {
  try {
    // One that a widget has set for a whole domain since then is newer than this page's: see `removeOwn`.
    if (ownCookies(name)[1]) document.cookie = name + "=; Path=/; Max-Age=0";
    return ownCookies(name)[0]?.slice(name.length + 1) ?? null;
  } catch {
    // A sandboxed page has none.
    return null;
  }
};

/** Removes the page's own cookie; also from the domains above, where widgets set theirs, which would hide a new one. */
export const removeOwn = (name) => {
  const gone = `${name}=; Path=/; Max-Age=0`;
  document.cookie = gone;
  for (let domain = location.hostname; domain; domain = domain.replace(/^[^.]*\.?/, "")) document.cookie = `${gone}; Domain=${domain}`;
};

export const attachChat = (provider, chat, { wait = 3000 } = {}) => {
  // What the chat goes on with; null while there is no conversation.
  let current = null;
  let isStarted = false;

  const start = async (session) => {
    isStarted = true;
    current = session;
    try {
      if ((await chat.start(session, bridge)) !== false || session === null) return;
      // The chat system knows of no such session any more: it is offered to nobody again.
      await bridge.end().catch(() => {});
      await chat.start(null, bridge);
    } catch (error) {
      console.error(error);
    }
  };
  const arrive = async (session) => {
    if (!isStarted || session === current) return;
    current = session;
    // The page's own cookie follows, too.
    if (session) await provider.loadCookie().catch(() => {});
    else removeOwn(provider.name);
    try {
      await chat.follow?.(session, bridge);
    } catch (error) {
      console.error(error);
    }
  };

  const bridge = {
    save(session) {
      current = session ?? ownSession(provider.name);
      return provider.saveCookie(session);
    },
    end() {
      current = null;
      return provider.clearCookie();
    },
    async continueSession(options) {
      const result = await provider.continueSession(options);
      if (result.loaded) await arrive(result.value);
      return result;
    },
  };

  for (const type of ["loaded", "change"]) provider.on(type, ({ value }) => arrive(value));
  // A chat must start even if nobody answers; what comes later is followed.
  const loaded = provider.loadCookie().catch(() => ({}));
  const waited = new Promise((resolve) => setTimeout(resolve, wait));
  Promise.race([loaded, waited]).then((result) => {
    // Nobody but the bridge has set it, and the bridge could be asked and has none, nor has it lost one: it was ended elsewhere.
    const isEnded = chat.setsNoCookie && result?.jar === "shared" && !result.loaded && !result.code && result.via !== "local";
    if (isEnded) removeOwn(provider.name);
    start(ownSession(provider.name));
  });
  loaded.then((result) => result.loaded && arrive(result.value));
  return bridge;
};
