// With the default, one second each, it gives up on the slowest networks.
const patience = { iframeReadyTimeoutMs: 10000, methodCallTimeoutMs: 10000 };
const iframe = { src: "https://bridge.example/iframe-shared-storage/hub.html", ...patience };
IframeStorage.constructClient({ iframe }).localStorage.getItem("chat-session").then(report);
