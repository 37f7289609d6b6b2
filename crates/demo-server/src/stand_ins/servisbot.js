// Stands in for ServisBot's messenger script, which needs an account: the same interface, with the demo's conversations behind it and
// the panel as its window. An identity that nobody knows begins anew, under another one.
window.ServisBot = {
  init({ identity, context }) {
    const PREFIX = "eu-west-1:";
    const listeners = { Messenger: [], notification: [] };
    let current = null;
    let isReady = false;

    const tell = (type, value) => listeners.Messenger.forEach((listen) => listen({ type, value }));
    const address = () => "/chat/" + encodeURIComponent(current.slice(PREFIX.length));
    const refresh = async () => {
      const answer = await fetch(address());
      if (!answer.ok) return false;
      (await answer.json()).forEach(({ from, text }, index) => panel.show(from, text, `${current}/${index}`));
      return true;
    };
    // Says so once.
    const ready = () => {
      if (!isReady) tell("CONVERSATION", "Ready");
      isReady = true;
    };
    const resume = async (known) => {
      current = known;
      if (await refresh()) return ready();
      current = null;
    };
    const resumed = identity ? resume(identity) : Promise.resolve();

    panel.onSend(async (text) => {
      await resumed;
      if (!current) current = PREFIX + (await (await fetch("/chat", { method: "POST" })).json());
      ready();
      const body = JSON.stringify({ text });
      await fetch(address(), { method: "POST", headers: { "Content-Type": "application/json" }, body });
      await refresh();
    });
    setInterval(() => current && refresh(), 1000);

    return {
      on: (type, listen) => listeners[type].push(listen),
      getCustomerReference: () => context?.customerReference ?? null,
      getIdentity: () => current,
    };
  },
};
