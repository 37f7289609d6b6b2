// Sealing sessions for one page: a key of elliptic-curve Diffie-Hellman, and AES-GCM.

const CURVE = { name: "ECDH", namedCurve: "P-256" };

// Each key is used once, so its counter may start anywhere.
const cipher = () => ({ name: "AES-GCM", iv: new Uint8Array(12) });

/**
 * Base64url without padding, which a fragment holds as it is.
 * @param {ArrayBuffer | Uint8Array} bytes
 */
export const toText = (bytes) => {
  const characters = [...new Uint8Array(bytes)].map((byte) => String.fromCharCode(byte));
  return btoa(characters.join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
};

/** @param {string} text */
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

/**
 * @param {CryptoKey} key
 * @param {string} peer the other page's public key
 */
const secret = async (key, peer) => {
  const point = await crypto.subtle.importKey("raw", toBytes(peer), CURVE, false, []);
  const derived = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey({ name: "ECDH", public: point }, key, derived, false, ["encrypt", "decrypt"]);
};

/** A new key: the public half as text, and the private half to note until the answer comes. */
export const makeKey = async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(CURVE, true, ["deriveKey"]);
  return {
    kept: await crypto.subtle.exportKey("jwk", privateKey),
    shown: toText(await crypto.subtle.exportKey("raw", publicKey)),
  };
};

/**
 * Seals a text for the page with this public key: our public key, and the sealed text.
 * @param {string} text
 * @param {string} peer
 */
export const seal = async (text, peer) => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(CURVE, false, ["deriveKey"]);
  const key = await secret(privateKey, peer);
  const sealed = await crypto.subtle.encrypt(cipher(), key, new TextEncoder().encode(text));
  return [toText(await crypto.subtle.exportKey("raw", publicKey)), toText(sealed)];
};

/**
 * Opens what was sealed for the noted key.
 * @param {JsonWebKey} kept
 * @param {string} peer
 * @param {string} sealed
 */
export const unseal = async (kept, peer, sealed) => {
  const mine = await crypto.subtle.importKey("jwk", kept, CURVE, false, ["deriveKey"]);
  const key = await secret(mine, peer);
  return new TextDecoder().decode(await crypto.subtle.decrypt(cipher(), key, toBytes(sealed)));
};
