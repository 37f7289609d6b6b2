// A script in the document's head makes the provider, before there is a body.
import { hydrateRoot } from "react-dom/client";
import { Document } from "./document.jsx";

const INLINE = 'var provider = new CookieProvider("chat-session", "https://bridge.example/iframe.html");';

export const page = () => <Document inline={INLINE} provider={globalThis.provider} />;

if (globalThis.document) hydrateRoot(document, page());
