"use client";

import Script from "next/script";
import { createContext, useContext, useState } from "react";

const Context = createContext(null);

export const useProvider = () => useContext(Context);

/** The script is loaded once the page is interactive. */
export function Provider({ children }) {
  const [provider, setProvider] = useState(null);
  const make = () => setProvider(new CookieProvider("chat-session", "https://bridge.example/iframe.html"));
  return (
    <Context value={provider}>
      <Script src="/cookie-provider.js" strategy="afterInteractive" onReady={make} />
      {children}
    </Context>
  );
}
