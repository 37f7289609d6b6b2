// What the demo's pages for chat systems have in common: a panel to talk in, and a list of what the bridge did. What a site owner
// writes is in the pages.
const IFRAME_URL = `${location.protocol}//bridge.localhost:${location.port}/iframe.html`;

const panel = (() => {
  const isHelp = location.hostname.startsWith("help");
  document.documentElement.classList.toggle("help", isHelp);
  document.title = `${document.title} · ${isHelp ? "Lumen" : "Fjord & Fell"}`;
  const other = `${location.protocol}//${isHelp ? "shop" : "help"}.localhost:${location.port}${location.pathname}`;
  document.write(`
    <h1>${document.title}</h1>
    <p class="about">Start a conversation here, then open <a id="other" href="${other}">the same page of our other shop</a>.</p>
    <main>
      <section id="chat" aria-label="Chat">
        <h2>Chat</h2>
        <div id="messages" aria-live="polite"></div>
        <form id="say"><input id="text" aria-label="Your message" autocomplete="off" maxlength="500"><button>Send</button></form>
      </section>
      <section aria-label="Cookie Bridge">
        <h2>Cookie Bridge</h2>
        <dl>
          <dt>Cookie jar</dt><dd id="jar">testing…</dd>
          <dt>Chat</dt><dd id="state">…</dd>
          <dt>Bridge</dt><dd id="bridge">…</dd>
        </dl>
        <div class="ways">
          <button id="continue" type="button">Continue my conversation</button>
          <button id="end" type="button">End chat</button>
        </div>
      </section>
    </main>`);
  /** @param {string} id */
  const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  return {
    /**
     * A message; one with an id is shown once.
     * @param {"visitor" | "agent" | "notice"} from
     * @param {string} text
     * @param {string} [id]
     */
    show(from, text, id) {
      if (id && document.querySelector(`[data-id="${CSS.escape(id)}"]`)) return;
      const bubble = document.createElement("p");
      bubble.className = `bubble ${from}`;
      bubble.textContent = text;
      if (id) bubble.dataset.id = id;
      find("messages").append(bubble);
      find("messages").scrollTop = find("messages").scrollHeight;
    },
    clear: () => find("messages").replaceChildren(),
    /**
     * One row of the list.
     * @param {"jar" | "state" | "bridge"} row
     * @param {string} text
     */
    report: (row, text) => (find(row).textContent = text),
    /** @param {(text: string) => void} send */
    onSend(send) {
      const input = /** @type {HTMLInputElement} */ (find("text"));
      find("say").addEventListener("submit", (event) => {
        event.preventDefault();
        const text = input.value.trim();
        input.value = "";
        if (text) send(text);
      });
    },
    /** @param {() => void} end */
    onEnd: (end) => find("end").addEventListener("click", end),
    /**
     * Directly in the click, or the browser blocks the popup.
     * @param {() => Promise<CookieBridgeContinueResult>} go
     */
    onContinue(go) {
      find("continue").addEventListener("click", () =>
        go().then(
          ({ loaded, via, jar }) => panel.report("bridge", `${loaded ? "a session" : "nothing"} through “${via}”, the jar is ${jar}`),
          (error) => panel.report("bridge", `${error.code}: ${error.message}`),
        ),
      );
    },
    /**
     * Shows what the jar is worth here.
     * @param {CookieProvider} provider
     */
    watch(provider) {
      provider.cookieTest().then(({ jar }) => panel.report("jar", jar));
      return provider;
    },
  };
})();
