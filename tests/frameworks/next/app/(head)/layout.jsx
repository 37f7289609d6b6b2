const INLINE = 'var provider = new CookieProvider("chat-session", "https://bridge.example/iframe.html");';

/** The documents' lines in the head: there is a provider before React hydrates the document. */
export default function Layout({ children }) {
  return (
    <html lang="en">
      <head>
        <script src="/cookie-provider.js" />
        <script dangerouslySetInnerHTML={{ __html: INLINE }} />
      </head>
      <body>{children}</body>
    </html>
  );
}
