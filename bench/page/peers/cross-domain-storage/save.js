const storage = createGuest("https://bridge.example/cross-domain-storage/hub.html");
storage.set("chat-session", "session-of-maja", (error) => report(error ?? true));
