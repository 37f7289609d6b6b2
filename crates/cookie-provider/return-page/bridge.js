// A question to the bridge, in an iframe.
import { makeNonce } from "../page/hand_over/notes.js";
import { createPort } from "../page/port.js";

/** Of the protocol; crates/bridge-protocol has it too. */
const VERSION = 1;

/**
 * Those of these sessions that a page of this origin may load. Where there is no bridge, or it does not answer this origin, it never ends.
 * @param {string} bridge the address of its page
 * @param {string} origin
 * @param {string[]} names
 * @returns {Promise<string[]>}
 */
export const mayLoad = (bridge, origin, names) =>
  new Promise((resolve, reject) => {
    const nonce = makeNonce();
    const unanswered = new Set(names.keys());
    const allowed = new Set();

    /** @param {any} message only the bridge has the port */
    const hear = ({ v, kind, nonce: welcomed, id, done }) => {
      if (v !== VERSION) return reject(new Error("The bridge is of another version."));
      if (kind === "welcome" && welcomed === nonce)
        for (const [number, name] of names.entries()) port.post({ v, kind: "hands-over", id: number, text: origin, saves: false, name });
      if (!unanswered.delete(id)) return;
      if (done === true) allowed.add(id);
      if (unanswered.size === 0) resolve(names.filter((_, number) => allowed.has(number)));
    };

    const port = createPort(new URL(bridge), hear);
    const iframe = document.createElement("iframe");
    iframe.hidden = true;
    iframe.src = bridge;
    iframe.addEventListener("load", () => {
      port.greet(iframe.contentWindow, { v: VERSION, kind: "hello", ns: "cookie-bridge", nonce, cookie: true, storageAccess: true });
    });
    document.body.append(iframe);
  });
