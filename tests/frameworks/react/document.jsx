import { StrictMode } from "react";
import { Chat } from "./chat.jsx";

/** A whole document, as the server renders it and the browser hydrates it. */
export function Document({ inline, provider }) {
  return (
    <StrictMode>
      <html lang="en">
        <head>
          <meta charSet="utf-8" />
          <title>shop</title>
          <script src="/cookie-provider.js" />
          {inline && <script dangerouslySetInnerHTML={{ __html: inline }} />}
        </head>
        <body>
          <Chat provider={provider} />
        </body>
      </html>
    </StrictMode>
  );
}
