// A bridge in an iframe waits for a greeting. None comes if the address led to another origin than the host page's script expects, or if the
// bridge's script ran after the page had loaded.
import { announce } from "./decline.js";

/** How long a greeting may take, in milliseconds: it comes when the page has loaded. */
const PATIENCE = 1000;

export const watchForGreeting = () => {
  if (parent === window) return;
  const timer = setTimeout(announce, PATIENCE, parent);
  addEventListener("message", () => clearTimeout(timer), { once: true });
};
