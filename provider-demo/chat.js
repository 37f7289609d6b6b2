// The demo's chat widget. What a real widget needs of the bridge is in the page, between the two <script> tags; this is the rest: the
// panel, the conversation, and the list of what the bridge did.
const chat = (() => {
  const find = (id) => document.getElementById(id);
  let session = null;
  let shown = 0;

  const show = (message) => {
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
    messages.slice(shown).forEach(show);
    shown = messages.length;
  };

  const open = (id) => {
    session = id;
    shown = 0;
    find("messages").replaceChildren();
    find("end").hidden = false;
    return refresh();
  };

  // The page fills these in.
  const hooks = { started: () => {}, ended: () => {} };

  const start = async () => {
    const answer = await fetch("/chat", { method: "POST" });
    await open(await answer.json());
    hooks.started(session);
  };

  find("say").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = find("text").value.trim();
    if (!text) return;
    find("text").value = "";
    if (!session) await start();
    await fetch("/chat/" + session, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text }),
    });
    await refresh();
  });
  find("end").addEventListener("click", () => {
    session = null;
    find("messages").replaceChildren();
    find("end").hidden = true;
    hooks.ended();
  });
  setInterval(refresh, 1000);

  return {
    hooks,
    /** Goes on with a conversation that is still there; says whether it is. */
    async resume(id) {
      const answer = await fetch("/chat/" + encodeURIComponent(id));
      if (answer.ok) await open(id);
      return answer.ok;
    },
    /** One row of what the bridge did. */
    report(what, text, mood) {
      find(what).textContent = text;
      find(what).className = mood ?? "";
    },
    notice(isVisible) {
      find("notice").hidden = !isVisible;
    },
    link(origin) {
      document.querySelectorAll("a.other").forEach((link) => (link.href = origin));
    },
  };
})();
