// What the scripts of this folder give to pages: each is a property of the page's window.

interface Window {
  CookieProvider: typeof CookieProvider;
  CookieProviderExtension: () => void;
  ChatAdapters: typeof ChatAdapters;
}
