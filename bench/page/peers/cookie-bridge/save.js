const cookieProvider = new CookieProvider("chat-session", "https://bridge.example/cookie-bridge/iframe.html", null);
document.cookie = "chat-session=session-of-maja; Path=/; Secure";
cookieProvider.saveCookie().then(({ saved }) => report(saved));
