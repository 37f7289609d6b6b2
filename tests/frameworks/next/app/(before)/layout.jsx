import Script from "next/script";
import { Provider } from "./provider.jsx";

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <Script src="/cookie-provider.js" strategy="beforeInteractive" />
        <Provider>{children}</Provider>
      </body>
    </html>
  );
}
