// Stands in for Genesys Widgets 9: cxbus.min.js with widgets-core, WebChatService and WebChat in one file; it shows nothing.
// It keeps the documented contract of the bus, its events, commands and cookies. The service is the demo's chat, below `dataURL`.
// `window.widgetsStandIn`, which a page may set before, chooses where the documents leave it open:
//   startsAnyway  the widgets do not wait for the extensions' ready()
//   persistsLate  getSessionData is called after WebChat.started, not before
(() => {
  const choice = { startsAnyway: false, persistsLate: false, ...window.widgetsStandIn };
  const log = [];

  // As jQuery's, and never settled in the same turn.
  const Deferred = () => {
    const lists = { done: [], fail: [], always: [] };
    let state = "pending";
    let value;
    const flush = () => {
      if (state === "pending") return;
      const which = state === "resolved" ? "done" : "fail";
      for (const handle of lists[which].splice(0)) handle(value);
    };
    const settle = (to) => (given) => {
      if (state !== "pending") return deferred;
      state = to;
      value = given;
      setTimeout(flush);
      return deferred;
    };
    const deferred = {
      resolve: settle("resolved"),
      reject: settle("rejected"),
      done: (handle) => (lists.done.push(handle), setTimeout(flush), deferred),
      fail: (handle) => (lists.fail.push(handle), setTimeout(flush), deferred),
      then(done, fail) {
        const next = Deferred();
        const pass = (handle, otherwise) => (given) => {
          if (typeof handle !== "function") return otherwise(given);
          try {
            next.resolve(handle(given));
          } catch (error) {
            next.reject(error);
          }
        };
        deferred.done(pass(done, next.resolve)).fail(pass(fail, next.reject));
        return next;
      },
      promise: () => deferred,
      state: () => state,
    };
    return deferred;
  };

  // The bus. Nobody needs to exist before it is subscribed to or commanded: what is missing is waited for.
  const subscribers = {};
  const kept = {};
  const commands = {};
  const waiting = {};
  const interceptors = {};
  const plugins = {};
  const publish = (event, data, publisher) => {
    log.push({ event, data, at: document.cookie });
    for (const handle of subscribers[event] ?? []) setTimeout(() => handle({ event, data, publisher }));
  };
  const subscribe = (event, handle) => {
    (subscribers[event] ??= []).push(handle);
    if (event in kept) setTimeout(() => handle({ event, data: kept[event] }));
  };
  const command = (name, data, commander) => {
    const deferred = Deferred();
    log.push({ command: name, data });
    const run = () => {
      try {
        const options = (interceptors[name] ?? []).reduce((given, before) => before(given), data ?? {});
        commands[name]({ command: name, commander, data: options, time: Date.now(), deferred });
      } catch (error) {
        deferred.reject(error);
      }
    };
    if (commands[name]) setTimeout(run);
    else (waiting[name] ??= []).push(run);
    return deferred.promise();
  };
  const registerPlugin = (name) => {
    log.push({ registered: name });
    const own = { isReady: false };
    own.plugin = {
      subscribe,
      before: (target, handle) => (interceptors[target] ??= []).push(handle),
      publish: (event, data) => publish(`${name}.${event}`, data, name),
      republish(event, data) {
        kept[`${name}.${event}`] = data;
        publish(`${name}.${event}`, data, name);
      },
      command: (target, data) => command(target, data, name),
      registerCommand(verb, handle) {
        commands[`${name}.${verb}`] = handle;
        for (const run of waiting[`${name}.${verb}`]?.splice(0) ?? []) setTimeout(run);
      },
      ready() {
        log.push({ ready: name, at: document.cookie });
        own.isReady = true;
        own.whenReady?.();
      },
      getName: () => name,
    };
    plugins[name] = own;
    return own.plugin;
  };
  const isReady = (own) => new Promise((resolve) => (own.isReady ? resolve() : (own.whenReady = resolve)));

  // As js-cookie.
  const Cookie = {
    set(name, value, options = {}) {
      const encoded = encodeURIComponent(value).replace(/%(2[346BF]|3[AC-F]|40|5[BDE]|60|7[BCD])/g, decodeURIComponent);
      const attributes = Object.entries({ path: "/", ...options }).map(([key, given]) => `; ${key}=${given}`);
      document.cookie = `${name}=${encoded}${attributes.join("")}`;
    },
    get(name) {
      const pair = document.cookie.split("; ").find((cookie) => cookie.startsWith(name + "="));
      return pair && decodeURIComponent(pair.slice(name.length + 1));
    },
    remove: (name, options) => Cookie.set(name, "", { ...options, "max-age": 0 }),
  };
  // Readable across subdomains: "shop.example" for "www.shop.example".
  const CookieOptions = { domain: location.hostname.split(".").slice(-2).join("."), path: "/" };
  const PREFIX = "_genesys.widgets.webchat.state.";

  const startService = () => {
    const plugin = registerPlugin("WebChatService");
    const { transport = {} } = window._genesys.widgets.webchat ?? {};
    const isAsync = !!transport.async?.enabled;
    const url = transport.dataURL || "/chat";
    let session = null;
    let received = 0;

    const persist = () => {
      const data = { sessionId: session, secure: "s3cret, and opaque" };
      if (isAsync) transport.async.getSessionData(data, Cookie, CookieOptions);
      else Cookie.set(PREFIX + "session", JSON.stringify(data), CookieOptions);
    };
    const stored = () => {
      const text = isAsync ? transport.async.setSessionData(false, Cookie, CookieOptions) : Cookie.get(PREFIX + "session");
      // Used at once: the service waits for nobody here.
      return text ? JSON.parse(text).sessionId : null;
    };
    const fetchMessages = async (id) => {
      const answer = await fetch(`${url}/${id}`);
      if (!answer.ok) return null;
      // What is said with a slash changes the conversation's state, and is nothing that the agent answers.
      const isState = (message) => message?.from === "visitor" && message.text.startsWith("/");
      const all = (await answer.json()).map((message, index, said) => {
        const own = { id: `${id}-${index}`, index: `${index + 1}-0` };
        if (message.type) return { ...own, ...message };
        if (isState(said[index - 1])) return null;
        const system = { ...own, type: "System", from: { type: "System" } };
        if (message.text === "/end") return { ...system, event: "ChatEnded" };
        const data = { interactionState: message.text.slice(1) };
        if (isState(message)) return { ...system, event: "InteractionStateChange", data };
        const type = message.from === "visitor" ? "Client" : "Agent";
        return { ...own, type: "Message", from: { type }, text: message.text };
      });
      return all.filter(Boolean);
    };
    const isOver = (messages) => messages.some(({ event }) => event === "ChatEnded");
    const receive = (all, restoring) => {
      const originalMessages = all.slice(received);
      received = all.length;
      if (!originalMessages.length) return;
      const messages = originalMessages.map(({ from, ...message }) => ({ ...message, from: from?.type, type: from?.type }));
      plugin.publish("messageReceived", { originalMessages, messages, restoring, sessionData: { sessionId: session } });
      if (isOver(originalMessages)) end();
    };
    const end = () => {
      session = null;
      if (!isAsync) Cookie.remove(PREFIX + "session", CookieOptions);
      plugin.publish("ended");
    };
    const poll = async () => {
      const polled = session;
      const all = polled && (await fetchMessages(polled).catch(() => null));
      if (all && polled === session) receive(all, false);
    };
    setInterval(poll, 200);

    const restore = async () => {
      const id = session ?? stored();
      if (session || !id) return false;
      const all = await fetchMessages(id);
      if (!all || isOver(all)) {
        plugin.publish("restoreFailed");
        return false;
      }
      session = id;
      received = 0;
      persist();
      plugin.publish("restored", { async: isAsync });
      receive(all, true);
      return true;
    };
    plugin.registerCommand("startChat", async ({ deferred }) => {
      if (session) return deferred.reject("There is already an active chat session");
      const answer = await fetch(url, { method: "POST" });
      session = await answer.json();
      received = 0;
      if (!choice.persistsLate) persist();
      plugin.publish("started", {});
      if (choice.persistsLate) setTimeout(persist, 300);
      deferred.resolve({});
    });
    plugin.registerCommand("restore", async ({ deferred }) => {
      if (session) return deferred.reject("There is already an active chat session");
      if (await restore()) deferred.resolve({});
      else deferred.reject("No session to restore");
    });
    const say = (text) =>
      fetch(`${url}/${session}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text }),
      });
    plugin.registerCommand("sendMessage", async ({ data, deferred }) => {
      if (!session) return deferred.reject("There is no active chat session");
      await say(data.message);
      await poll();
      deferred.resolve({});
    });
    plugin.registerCommand("endChat", async ({ deferred }) => {
      if (!session) return deferred.reject("There is no active chat session");
      await say("/end");
      if (session) end();
      deferred.resolve({});
    });
    plugin.republish("ready");
    plugin.ready();
    restore();
  };

  const startChat = () => {
    const plugin = registerPlugin("WebChat");
    let isOpen = false;
    const open = () => {
      isOpen = true;
      Cookie.set(PREFIX + "open", "true", CookieOptions);
      plugin.publish("opened", {});
    };
    plugin.registerCommand("open", ({ data, deferred }) => {
      if (isOpen) return deferred.reject("already opened");
      open();
      // The visitor fills in a form first, or the page has done it for them.
      if (data.form?.autoSubmit) plugin.command("WebChatService.startChat", data);
      deferred.resolve({});
    });
    plugin.registerCommand("close", ({ deferred }) => {
      if (!isOpen) return deferred.reject("already closed");
      isOpen = false;
      Cookie.remove(PREFIX + "open", CookieOptions);
      plugin.publish("closed", {});
      deferred.resolve({});
    });
    plugin.registerCommand("endChat", ({ deferred }) => {
      plugin.command("WebChatService.endChat").done(deferred.resolve).fail(deferred.reject);
    });
    plugin.registerCommand("injectMessage", ({ data, deferred }) => {
      plugin.publish("messageAdded", { data: { type: data.type, text: data.text }, bubble: data.bubble });
      deferred.resolve({});
    });
    subscribe("WebChatService.started", () => plugin.publish("started", {}));
    subscribe("WebChatService.ended", () => plugin.publish("completed", {}));
    if (Cookie.get(PREFIX + "open")) open();
    plugin.republish("ready");
    plugin.ready();
  };

  const startCore = async () => {
    const { extensions = {}, onReady } = (window._genesys ??= {}).widgets ?? {};
    const before = new Set(Object.keys(plugins));
    const bus = registerPlugin("QuickBus");
    (window._genesys.widgets ??= {}).bus = { ...bus, registerPlugin };
    for (const extension of Object.values(extensions)) extension(() => {}, window.CXBus, {});
    const registered = Object.keys(plugins).filter((name) => !before.has(name) && name !== "QuickBus");
    if (!choice.startsAnyway) await Promise.all(registered.map((name) => isReady(plugins[name])));
    startChat();
    startService();
    publish("App.ready");
    onReady?.(window._genesys.widgets.bus);
  };

  window.CXBus = {
    log,
    registerPlugin,
    subscribe,
    publish,
    command: (name, data) => command(name, data, "CXBus"),
    configure: () => Deferred().resolve({}),
    loadPlugin(name) {
      const deferred = Deferred();
      if (name === "widgets-core") startCore().then(deferred.resolve, deferred.reject);
      else deferred.reject(`there is no plugin ${name}`);
      return deferred.promise();
    },
  };
})();
