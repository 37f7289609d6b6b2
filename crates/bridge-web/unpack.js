// The module's bytes from the text that `as_text` in xtask/src/bundle/text.rs made of them. It runs once, so it is written for the
// interpreter: no iterator, no growing list.
export const unpack = (text) => {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let beyond = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 124) beyond = code > 125 ? 90 : 180;
    else {
      bytes[length++] = beyond + code - 32 - (code > 34) - (code > 60) - (code > 92);
      beyond = 0;
    }
  }
  return bytes.subarray(0, length);
};
