// Compiled by `cargo xtask test`, never run: the declarations fit the calls of the documents, and mistakes are found.

let cookieProvider = new CookieProvider("name", "https://bridge.example/iframe.html", (isEnabled) => alert(isEnabled));
cookieProvider.loadCookie();
cookieProvider.saveCookie();
cookieProvider.cookieTest((isEnabled: boolean) => {});
cookieProvider.cookieTest();
new CookieProvider("name", "https://bridge.example/iframe.html", undefined, { timeout: 5000, maxAge: 3600 });

async function results() {
  const { loaded, value, via, jar } = await cookieProvider.loadCookie();
  const isShared: boolean = jar === "shared";
  const text: string = loaded ? value! : via;
  const { saved } = await cookieProvider.saveCookie("value", { maxAge: 60 });
  const { cleared } = await cookieProvider.clearCookie();
  const { readable, code } = await cookieProvider.cookieTest();
  cookieProvider.destroy();
  return [isShared, text, saved, cleared, readable, code === "origin-not-trusted"];
}

const extensions: Record<string, unknown> = {};
extensions["CookieProviderExtension"] = initCookieProviderExtension("name", "https://bridge.example/iframe.html", (isEnabled) => {});

// @ts-expect-error the name is required
new CookieProvider();
// @ts-expect-error a session is text
cookieProvider.saveCookie({ not: "text" });
// @ts-expect-error no such state
results().then(async () => (await cookieProvider.cookieTest()).jar === "open");
