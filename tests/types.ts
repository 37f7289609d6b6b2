// Compiled by `cargo xtask test`, never run: the declarations fit the calls of the documents, and mistakes are found.

let cookieProvider = new CookieProvider("name", "https://bridge.example/iframe.html", (isEnabled) => alert(isEnabled));
cookieProvider.loadCookie();
cookieProvider.saveCookie();
cookieProvider.cookieTest((isEnabled: boolean) => {});
cookieProvider.cookieTest((isEnabled, { jar, canContinue }) => !isEnabled && jar === "blocked" && canContinue);
cookieProvider.ready().then((session: string | null) => {});
cookieProvider.ready({ wait: 500 }).then((session) => session?.length);
cookieProvider.on("tested", ({ jar }) => jar === "shared");
cookieProvider.cookieTest();
new CookieProvider("name", "https://bridge.example/iframe.html", undefined, { timeout: 5000, maxAge: 3600, consent: false });
new CookieProvider("name", "https://bridge.example/iframe.html", undefined, { access: ["cookie", "link"] });

async function ladder() {
  const { granted, code } = await cookieProvider.mountAccessButton(document.body, { label: "Weiter", lang: "de" });
  const { saved, via } = await cookieProvider.continueSession({ confirm: { label: "Weiter" } });
  const stop: () => void = cookieProvider.on("change", ({ value }) => console.log(value === null));
  cookieProvider.on("refused", ({ code }) => code === "handoff-expired");
  return [granted, code, saved, via === "popup", await cookieProvider.isTrusted(location.origin), stop];
}

async function results() {
  const { loaded, value, via, jar } = await cookieProvider.loadCookie();
  const isShared: boolean = jar === "shared";
  const text: string = loaded ? value! : via;
  const { saved } = await cookieProvider.saveCookie("value", { maxAge: 60 });
  const { cleared } = await cookieProvider.clearCookie();
  const { readable, code } = await cookieProvider.cookieTest();
  const isWithdrawn: boolean = await cookieProvider.setConsent(false);
  cookieProvider.destroy();
  return [isShared, text, saved, cleared, readable, isWithdrawn, code === "origin-not-trusted"];
}

const bridge = ChatAdapters.attachChat(
  cookieProvider,
  {
    async start(session, bridge) {
      if (session === null) return;
      await bridge.save(session);
      return false;
    },
    follow: (session) => console.log(session?.length),
  },
  { wait: 1000 },
);
bridge.end().then(({ cleared }) => cleared);
bridge.continueSession().then(({ via }) => via === "popup");
new CookieProvider("name", "https://bridge.example/iframe.html", undefined, {
  server: "https://bridge.example",
  reference: async () => "v1.bWFqYQ.1800000000.signature",
});

const connect = ChatAdapters.amazonConnect({
  start: async (persistentChat) => ({ ContactId: "1", ParticipantId: "2", ParticipantToken: persistentChat?.SourceContactId ?? "3" }),
  persistentChat: "FROM_SEGMENT",
  onEnded: () => {},
});
ChatAdapters.attachChat(cookieProvider, connect).end();
connect.open().then(() => {});
ChatAdapters.servisBot({ config: { organization: "o" }, store: { url: "/store", reference: async () => "r" } });

const extensions: Record<string, unknown> = {};
extensions["WithOptions"] = initCookieProviderExtension("name", "https://bridge.example/iframe.html", undefined, {
  wait: 2000,
  agentDisconnect: { message: "Bye", async: true },
});
extensions["CookieProviderExtension"] = initCookieProviderExtension("name", "https://bridge.example/iframe.html", (isEnabled) => {});

// @ts-expect-error the name is required
new CookieProvider();
// @ts-expect-error no such rung
new CookieProvider("name", "https://bridge.example/iframe.html", undefined, { access: ["magic"] });
// @ts-expect-error a chat must start
ChatAdapters.attachChat(cookieProvider, {});
// @ts-expect-error no such event
cookieProvider.on("saves", () => {});
// @ts-expect-error consent is given or not
cookieProvider.setConsent("granted");
// @ts-expect-error a session is text
cookieProvider.saveCookie({ not: "text" });
// @ts-expect-error no such state
results().then(async () => (await cookieProvider.cookieTest()).jar === "open");
