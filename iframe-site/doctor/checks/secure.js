// @ts-check

import { bad, good } from "../finding.js";

/** @param {import("../place.js").Place} place */
export function secure({ isSecure, url }) {
  const isHttps = url.startsWith("https:");
  if (!isSecure) {
    const what = isHttps ? "A page around this one" : "This page";
    return bad(
      `${what} was not loaded over https, so the browser withholds what Cookie Bridge needs.`,
      "Serve the bridge and all your domains over https.",
    );
  }
  if (isHttps) return good("This page and every page around it were loaded over https.");
  return good("This is plain http on this computer itself, which is enough for a trial.", "For a trial in Safari, use https even here.");
}
