// The return page of the domain that the visitor came to: it keeps the answer for the page that asked, and goes back there.
import { REST, writeNote } from "../page/hand_over/notes.js";
import { unseal } from "../page/hand_over/seal.js";
import { go, leave } from "./navigate.js";
import { takeAsked } from "./notes.js";

/** The page that asked takes this note. */
const BROUGHT = "brought";

/** Why there are no sessions. Other codes mean nothing here. */
const CODES = ["handoff-expired", "handoff-not-trusted"];

/**
 * The sessions that were sealed for this page's key, of those that it asked for, and what is left of their lifetimes.
 * @param {import("./notes.js").Asked} asked
 * @param {string} key
 * @param {string} sealed
 */
const open = async ({ key: kept, names }, key, sealed) => {
  const found = JSON.parse(await unseal(kept, key, sealed));
  const sessions = Object.entries(found).filter(([name, value]) => names.includes(name) && typeof value === "string");
  if (!sessions.length) throw new Error("There is no session in it.");
  const rests = sessions.map(([name]) => [name + REST, found[name + REST]]);
  return Object.fromEntries([...sessions, ...rests.filter(([, rest]) => rest > 0)]);
};

/**
 * @param {import("./part.js").Answer} answer
 * @param {import("./notes.js").Asked} asked
 */
const broughtBy = async (answer, asked) => {
  let code = "handoff-unreadable";
  if (answer.step === "none") {
    if (CODES.includes(answer.code)) code = answer.code;
  } else {
    try {
      return { sessions: await open(asked, answer.key, answer.sealed), at: Date.now() };
    } catch (cause) {
      console.warn("Cookie Bridge:", cause);
    }
  }
  return { code, names: asked.names, at: Date.now() };
};

/** @param {import("./part.js").Answer} answer */
export const receive = async (answer) => {
  const asked = takeAsked(answer.nonce);
  if (!asked) return leave();
  const brought = await broughtBy(answer, asked);
  try {
    writeNote(sessionStorage, BROUGHT, brought);
  } catch (cause) {
    // The page that asked goes on without a session.
    console.warn("Cookie Bridge:", cause);
  }
  go(asked.address);
};
