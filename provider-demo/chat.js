// The demo's chat widget. What a site owner writes to use the bridge is in session.js; this is the rest: the
// panel, the conversation, and the list of what the bridge did.
const chat = (() => {
  /** @param {string} id */
  const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const input = /** @type {HTMLInputElement} */ (find("text"));
  /** @type {string | null} */
  let session = null;
  let shown = 0;
  // Counts what was shown or closed, so that an answer that comes too late brings nothing back.
  let turn = 0;

  /**
   * What a visitor can do, by the code of the error.
   * @type {Partial<Record<CookieBridgeErrorCode, string>>}
   */
  const ADVICE = {
    "popup-blocked": "Your browser blocked the window. Allow pop-ups for this shop, then try again.",
    "popup-closed": "The window was closed too early. Try again, and let it close by itself.",
    "popup-cut-off": "That did not work. Try again, or follow a link to our other shop: your conversation comes along.",
    "access-refused": "Your browser did not allow that. Choose “Continue my conversation” instead.",
    "access-pending": "Your browser is asking for your permission. Please answer its question.",
    "first-party-cookie-refused": "Your browser keeps no cookies for us. Allow them in its settings, then try again.",
    "session-missing": "There is no conversation to continue. Start one in the chat on this page.",
  };
  const OTHER_ADVICE = "That did not work. Please try again in a few minutes.";

  /** @param {{ from: string, text: string }} message */
  const showMessage = (message) => {
    const bubble = document.createElement("p");
    bubble.className = "bubble " + message.from;
    bubble.textContent = message.text;
    find("messages").append(bubble);
    find("messages").scrollTop = find("messages").scrollHeight;
  };

  const refresh = async () => {
    if (!session) return;
    const asked = session;
    const answer = await fetch("/chat/" + asked);
    if (asked !== session || !answer.ok) return;
    const messages = await answer.json();
    messages.slice(shown).forEach(showMessage);
    shown = messages.length;
  };

  /** @param {string} id */
  const open = (id) => {
    session = id;
    turn += 1;
    shown = 0;
    find("messages").replaceChildren();
    find("end").hidden = false;
    return refresh();
  };

  const close = () => {
    session = null;
    turn += 1;
    find("messages").replaceChildren();
    find("end").hidden = true;
  };

  /**
   * The page fills these in.
   * @type {{ started: (session: string) => void, ended: () => void }}
   */
  const hooks = { started: () => {}, ended: () => {} };

  const start = async () => {
    const answer = await fetch("/chat", { method: "POST" });
    await open(await answer.json());
    hooks.started(/** @type {string} */ (session));
  };

  find("say").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    if (!session) await start();
    await fetch("/chat/" + session, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text }),
    });
    await refresh();
  });
  find("end").addEventListener("click", () => {
    close();
    hooks.ended();
  });
  setInterval(refresh, 1000);

  return {
    hooks,
    /** Shows no conversation, without ending it. */
    close,
    /**
     * Goes on with a conversation that is still there; says whether it is.
     * @param {string} id
     */
    async resume(id) {
      if (id === session) return true;
      const asked = (turn += 1);
      const answer = await fetch("/chat/" + encodeURIComponent(id));
      if (answer.ok && asked === turn) await open(id);
      return answer.ok;
    },
    /**
     * One row of what the bridge did.
     * @param {"jar" | "loaded" | "saved"} what
     * @param {string} text
     * @param {"good" | "bad"} [mood]
     */
    report(what, text, mood) {
      find(what).textContent = text;
      find(what).className = mood ?? "";
    },
    /**
     * Tells the visitor what to do about an error; about none, nothing.
     * @param {CookieBridgeErrorCode | null} code
     */
    advise(code) {
      find("advice").textContent = code ? (ADVICE[code] ?? OTHER_ADVICE) : "";
    },
    /** @param {string} id @param {boolean} isVisible */
    show(id, isVisible) {
      find(id).hidden = !isVisible;
    },
    /** @param {string} origin */
    link(origin) {
      /** @type {NodeListOf<HTMLAnchorElement>} */
      const links = document.querySelectorAll("a.other");
      links.forEach((link) => (link.href = origin));
    },
  };
})();
