// The second script: adapters for chat systems, for pages that have one of them. Genesys Widgets' is in cookie-provider.js.
import { attachChat } from "./attach.js";
import { amazonConnect } from "./connect.js";
import { directLine } from "./directline.js";
import { servisBot } from "./servisbot.js";

window.ChatAdapters = { attachChat, amazonConnect, directLine, servisBot };
