// The script for host pages. A second copy of it changes nothing for the providers of the first.
import { defineGlobals } from "./page/globals.js";

const mark = Symbol.for("cookie-bridge");
const page = /** @type {any} */ (window);
if (!page[mark]) {
  page[mark] = true;
  defineGlobals();
}
