// The module's bytes from the text that `as_text` in xtask/src/bundle/text.rs makes of them.

/**
 * Runs once, so it is written for the interpreter: no iterator, no growing list.
 * @param {string} text
 */
export const unpack = (text) => {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let beyond = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 124) beyond = code > 125 ? 90 : 180;
    else {
      // The alphabet leaves out three characters: `"`, `<` and `\`.
      const omitted = code > 92 ? 3 : code > 60 ? 2 : code > 34 ? 1 : 0;
      bytes[length++] = beyond + code - 32 - omitted;
      beyond = 0;
    }
  }
  return bytes.subarray(0, length);
};
