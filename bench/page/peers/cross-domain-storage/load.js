const storage = createGuest("https://bridge.example/cross-domain-storage/hub.html");
storage.get("chat-session", (error, value) => report(error ?? value));
