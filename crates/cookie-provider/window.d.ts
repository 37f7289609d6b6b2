// What the scripts of this folder give to pages: each is a property of the page's window.

interface Document {
  /** Absent in engines that prerender nothing. */
  readonly prerendering?: boolean;
}

interface Window {
  CookieProvider: typeof CookieProvider;
  CookieProviderExtension: () => void;
  ChatAdapters: typeof ChatAdapters;
}
