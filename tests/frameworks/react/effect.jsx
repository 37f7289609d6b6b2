// An effect makes the provider, and ends it again. Under StrictMode, React runs each effect twice.
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Chat } from "./chat.jsx";

function App() {
  const [provider, setProvider] = useState(null);
  useEffect(() => {
    const made = new CookieProvider("chat-session", "https://bridge.example/iframe.html");
    setProvider(made);
    return () => made.destroy();
  }, []);
  return provider && <Chat provider={provider} />;
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
