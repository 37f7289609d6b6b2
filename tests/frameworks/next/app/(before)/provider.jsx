"use client";

import { createContext, useContext, useEffect, useState } from "react";

const Context = createContext(null);

export const useProvider = () => useContext(Context);

/** One provider for all pages of the layout. */
export function Provider({ children }) {
  const [provider, setProvider] = useState(null);
  useEffect(() => setProvider(new CookieProvider("chat-session", "https://bridge.example/iframe.html")), []);
  return <Context value={provider}>{children}</Context>;
}
