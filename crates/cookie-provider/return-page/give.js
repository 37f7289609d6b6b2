// What the domain that the visitor left gives to the page that asks.
import { firstCookie } from "../page/cookies.js";
import { isFresh } from "../page/hand_over/notes.js";
import { seal } from "../page/hand_over/seal.js";
import { toJson } from "../page/json.js";
import { originOf } from "../page/origin.js";
import { mayLoad } from "./bridge.js";

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
  const wanted = offered.names.filter((name) => names.includes(name) && firstCookie(name) !== null);
  if (!wanted.length) return none("handoff-expired");
  // The link may have been redirected, and then only the bridge can vouch for the page that it led to.
  const given = originOf(offered.to) === asker ? wanted : await mayLoad(offered.bridge, asker, wanted);
  if (!given.length) return none("handoff-not-trusted");
  const sessions = Object.fromEntries(given.map((name) => [name, firstCookie(name)]));
  const [shown, sealed] = await seal(toJson(sessions), key);
  return { step: "give", nonce, key: shown, sealed };
};
