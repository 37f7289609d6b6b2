// What a bridge does that can serve no page: it has no list of trusted pages, so it tells any page why, and nothing else.

/** @param {string} code */
export const decline = (code) => {
  addEventListener("message", ({ data, ports }) => {
    if (data?.ns === "cookie-bridge") ports[0]?.postMessage({ v: 1, kind: "declined", code });
  });
  announce(opener);
};

/**
 * Says that this page listens, and asks for a greeting. To any origin, because it says only that the page is there.
 * @param {Window | null} peer
 */
export const announce = (peer) => peer?.postMessage({ v: 1, kind: "ready", ns: "cookie-bridge" }, "*");
