// @ts-check

/**
 * A script of iframe.html, as it arrives in the browser.
 * @typedef {object} Script
 * @property {string} text
 * @property {string} type The attribute, or nothing.
 * @property {string} id
 * @property {boolean} isInline
 * @property {readonly string[]} hashes Its sources in a Content-Security-Policy, in lower case.
 */

/**
 * iframe.html as it arrives in the browser.
 * @typedef {{ headers: Pick<Headers, "get" | "has">, scripts: readonly Script[] }} BridgePage
 */

/** @returns {Promise<BridgePage>} */
export async function readBridgePage() {
  const request = await load();
  const html = request.responseXML;
  if (!html) throw new Error("it is no HTML");
  /** @param {string} name */
  const get = (name) => request.getResponseHeader(name);
  const scripts = await Promise.all(Array.from(html.scripts, describe));
  return { headers: { get, has: (name) => get(name) !== null }, scripts };
}

/**
 * A request whose response the browser parses: the policy of this page lets no script do that.
 * @returns {Promise<XMLHttpRequest>}
 */
const load = () =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", "iframe.html");
    request.responseType = "document";
    request.overrideMimeType("text/html");
    request.setRequestHeader("Cache-Control", "no-cache");
    request.onload = () => (request.status === 200 ? resolve(request) : reject(new Error(`status ${request.status}`)));
    request.onerror = () => reject(new Error("it did not load"));
    request.send();
  });

/** @param {HTMLScriptElement} script @returns {Promise<Script>} */
async function describe({ text, type, id, attributes }) {
  return { text, type, id, isInline: !attributes.getNamedItem("src"), hashes: await hashesOf(text) };
}

/** @param {string} text */
export async function hashesOf(text) {
  // Only a page that was loaded over https has it.
  if (!globalThis.crypto?.subtle) return [];
  const bytes = new TextEncoder().encode(text);
  const hash = async (/** @type {string} */ name) => {
    const digest = new Uint8Array(await crypto.subtle.digest(`SHA-${name}`, bytes));
    return `'sha${name}-${btoa(String.fromCharCode(...digest))}'`.toLowerCase();
  };
  return Promise.all(["256", "384", "512"].map(hash));
}

/** Whether a browser takes it for a script. @param {Script} script */
export const isScript = ({ type }) => /^(|module|(text|application)\/(java|ecma)script)$/i.test(type.trim());

/** Whether it declares the list. @param {Script} script */
export const isList = ({ text, id }) => id === "trusted-domains" || /TRUSTED_DOMAINS\s*=/.test(text);

/** Whether it is the bridge's own. @param {Script} script */
export const isProgram = ({ text }) => text.includes("list-unreadable");
