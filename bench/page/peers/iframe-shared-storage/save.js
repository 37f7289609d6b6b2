const patience = { iframeReadyTimeoutMs: 10000, methodCallTimeoutMs: 10000 };
const iframe = { src: "https://bridge.example/iframe-shared-storage/hub.html", ...patience };
IframeStorage.constructClient({ iframe })
  .localStorage.setItem("chat-session", "session-of-maja")
  .then(() => report(true));
