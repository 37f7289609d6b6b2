// The module's bytes from the text that `as_text` in xtask/src/bundle/text.rs makes of them, and of 7 more that make the sum zero.

/** As `DIRECT` in text.rs; the last range adds all that is in none of the others. */
const RANGES = [32, 34, 35, 47, 0, 16, 64, 72, 16, 32, 127, 135, 97, 125, 0, 256];

/**
 * Throws if something has changed the text on its way. Runs once, so it is written for the interpreter: no iterator, no growing list of what may be long.
 * @param {string} text
 */
export const unpack = (text) => {
  /** @type {number[]} */
  const order = [];
  for (let range = 0; range < 16; range += 2)
    for (let byte = RANGES[range]; byte < RANGES[range + 1]; byte++) if (!order.includes(byte)) order.push(byte);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let beyond = 0;
  let sum = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 124) beyond = code > 125 ? 90 : 180;
    else {
      // The alphabet leaves out three characters: `"`, `<` and `\`.
      const omitted = code > 92 ? 3 : code > 60 ? 2 : code > 34 ? 1 : 0;
      const byte = order[beyond + code - 32 - omitted];
      bytes[length++] = byte;
      sum = (sum * 31 + byte) | 0;
      beyond = 0;
    }
  }
  if (sum) throw Object.assign(new Error("Something has changed this script on its way."), { code: "script-altered" });
  return bytes.subarray(0, length - 7);
};
