// A module makes the provider, just before React hydrates the document.
import { hydrateRoot } from "react-dom/client";
import { Document } from "./document.jsx";

const provider = globalThis.document && new CookieProvider("chat-session", "https://bridge.example/iframe.html");

export const page = () => <Document provider={provider} />;

if (globalThis.document) hydrateRoot(document, page());
