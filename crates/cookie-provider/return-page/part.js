// The texts that this page reads in its address, and those that it sends. Nobody trusts them: anybody can write an address.

/**
 * The page that the visitor came to asks for the sessions of the page that the visitor came from.
 * @typedef {{ step: "ask", nonce: string, key: string, path: string, names: string[] }} Ask
 */

/**
 * The answer: sealed sessions, or why there are none.
 * @typedef {{ step: "give", nonce: string, key: string, sealed: string } | { step: "none", nonce: string, code: string }} Answer
 */

/**
 * A word that is missing is empty.
 * @param {string | undefined} text
 * @returns {Ask | Answer | undefined} nothing, if it is no step of a hand-over that this page takes
 */
export const readPart = (text = "") => {
  const [step, nonce = "", ...words] = text.split(",");
  // It names a note, and must name no other one.
  if (!/^[\da-f]{32}$/.test(nonce)) return undefined;
  const [first = "", second = "", ...names] = words;
  if (step === "ask") return { step, nonce, key: first, path: second, names };
  if (step === "give") return { step, nonce, key: first, sealed: second };
  if (step === "none") return { step, nonce, code: first };
  return undefined;
};

/** @param {Answer} answer */
export const partOf = (answer) =>
  (answer.step === "give" ? [answer.step, answer.nonce, answer.key, answer.sealed] : [answer.step, answer.nonce, answer.code]).join(",");
