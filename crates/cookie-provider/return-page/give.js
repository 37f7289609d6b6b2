// What the domain that the visitor left gives to the page that asks.
import { firstCookie } from "../page/cookies.js";
import { isFresh, REST } from "../page/hand_over/notes.js";
import { seal } from "../page/hand_over/seal.js";
import { toJson } from "../page/json.js";
import { originOf } from "../page/origin.js";
import { mayLoad } from "./bridge.js";

/**
 * The seconds that are left of the lifetime that a page of this origin has noted; undefined without one. As `Note` in crates/bridge-protocol.
 * @param {string} name the session's
 */
const restOf = (name) => {
  const [at, , seconds] = (firstCookie("__Host-bridge-note." + name) ?? "").split(".").map(Number);
  return seconds ? Math.ceil(seconds - Math.max(Date.now() - at, 0) / 1000) : undefined;
};

/**
 * @param {import("./part.js").Ask} ask
 * @param {import("./notes.js").Offered | undefined} offered
 * @param {string} asker the origin of the page that asks
 * @returns {Promise<import("./part.js").Answer>}
 */
export const giveTo = async ({ nonce, key, names }, offered, asker) => {
  /** @param {string} code @returns {import("./part.js").Answer} */
  const none = (code) => ({ step: "none", nonce, code });
  if (!offered || !isFresh(offered.at)) return none("handoff-expired");
  const wanted = offered.names.filter((name) => names.includes(name) && firstCookie(name) !== null && (restOf(name) ?? 1) > 0);
  if (!wanted.length) return none("handoff-expired");
  // The link may have been redirected, and then only the bridge can vouch for the page that it led to.
  const given = originOf(offered.to) === asker ? wanted : await mayLoad(offered.bridge, asker, wanted);
  if (!given.length) return none("handoff-not-trusted");
  const sessions = Object.fromEntries(
    given.flatMap((name) => [
      [name, firstCookie(name)],
      [name + REST, restOf(name)],
    ]),
  );
  const [shown, sealed] = await seal(toJson(sessions), key);
  return { step: "give", nonce, key: shown, sealed };
};
