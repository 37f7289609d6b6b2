// Where the jar is not shared: what the load ends with, and the button that asks for access, as the README mounts it.
const cookieProvider = new CookieProvider("chat-session", "https://bridge.example/cookie-bridge/iframe.html", null);
cookieProvider.loadCookie().then(({ jar }) => report(jar));
cookieProvider.cookieTest().then(({ canRequestAccess }) => {
  if (canRequestAccess) cookieProvider.mountAccessButton(document.querySelector("p"));
});
