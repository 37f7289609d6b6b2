const storage = new CrossStorageClient("https://bridge.example/cross-storage/hub.html");
storage
  .onConnect()
  .then(() => storage.get("chat-session"))
  .then(report);
