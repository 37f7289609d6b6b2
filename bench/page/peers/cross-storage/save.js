const storage = new CrossStorageClient("https://bridge.example/cross-storage/hub.html");
storage
  .onConnect()
  .then(() => storage.set("chat-session", "session-of-maja"))
  .then(() => report(true));
