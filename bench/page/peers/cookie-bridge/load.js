const cookieProvider = new CookieProvider("chat-session", "https://bridge.example/cookie-bridge/iframe.html", null);
cookieProvider.ready().then(report);
