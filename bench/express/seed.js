// Saves a session for each of some customers with a server, over http, and writes two files into a folder: `references.txt`, the customers'
// references, and `answer.json`, what the server answers to a load.
//
// node seed.js <url> <reference key, hex> <customers> <folder>

const assert = require("node:assert");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const [url, hexKey, customers, folder] = process.argv.slice(2);
const key = Buffer.from(hexKey, "hex");
const expires = Math.floor(Date.now() / 1000) + 24 * 60 * 60;

// As many bytes as load.lua saves.
const value = "s".repeat(200);

function sign(id) {
  const signed = `v1.${Buffer.from(id).toString("base64url")}.${expires}`;
  return `${signed}.${crypto.createHmac("sha256", key).update(signed).digest("base64url")}`;
}

async function post(route, body) {
  const headers = { "content-type": "text/plain", origin: "https://shop.example" };
  const response = await fetch(url + route, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  assert.strictEqual(response.status, 200, `${route}: ${text}`);
  return text;
}

async function main() {
  const references = Array.from({ length: Number(customers) }, (_, at) => sign(`customer-${at}`));
  // Each takes the next reference that nobody has taken.
  const queue = references.values();
  const saveAll = async () => {
    for (const reference of queue) {
      assert.strictEqual(await post("/session/save", { reference, name: "chat", value }), '{"saved":true}');
    }
  };
  await Promise.all(Array.from({ length: 64 }, saveAll));

  const answer = await post("/session/load", { reference: references[0], name: "chat" });
  assert.strictEqual(JSON.parse(answer).value, value);
  fs.writeFileSync(path.join(folder, "references.txt"), references.join("\n") + "\n");
  fs.writeFileSync(path.join(folder, "answer.json"), answer);
}

main();
