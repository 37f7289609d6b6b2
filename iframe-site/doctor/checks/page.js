// @ts-check

import { isList, isProgram, isScript } from "../bridge-page.js";
import { attention, bad, good } from "../finding.js";

/** @typedef {import("../bridge-page.js").BridgePage} BridgePage */
/** @typedef {import("../bridge-page.js").Script} Script */

const REWRITTEN = "Exclude the bridge's pages from everything that changes pages or scripts on their way.";

/**
 * Whether iframe.html arrives as it was built and edited.
 * @param {BridgePage} page
 * @param {Pick<import("../state.js").State, "test">} state
 */
export function page({ scripts }, { test }) {
  const [list, program] = [scripts.find(isList), scripts.find(isProgram)];
  if (!program) return bad("iframe.html has not the bridge's script: it is another page, or something removes the script.", REWRITTEN);
  if (!isScript(program)) return bad(`Something has changed the type of the bridge's script to “${program.type}”.`, REWRITTEN);
  if (!list) return bad("iframe.html has no TRUSTED_DOMAINS.", "Write the list into iframe.html again, or look for what removes it.");
  const mistake = list.id === "trusted-domains" ? mistakeInJson(list) : mistakeInScript(list);
  if (mistake) return mistake;
  if (test?.code === "list-unreadable") {
    return bad(
      "The list is in iframe.html, but the browser does not run its script.",
      "If the headers below are good, the list has a syntax error: see the console, or run bridge-server check-site.",
    );
  }
  const others = scripts.filter((script) => script !== list && script !== program && (isScript(script) || !script.isInline));
  if (others.length > 0) {
    return attention(`Something has added scripts to iframe.html (${others.length}).`, REWRITTEN);
  }
  return good("iframe.html arrives with its list and its script.");
}

/** @param {Script} list */
function mistakeInScript({ type }) {
  if (isScript(/** @type {Script} */ ({ type }))) return undefined;
  return bad(`Something has changed the type of the list's script to “${type}”.`, REWRITTEN);
}

/** @param {Script} list */
function mistakeInJson({ text }) {
  try {
    return Array.isArray(JSON.parse(text))
      ? undefined
      : bad("The JSON of #trusted-domains is not an array.", "Write [ and ] around the list.");
  } catch (cause) {
    return bad(`The JSON of #trusted-domains cannot be read (${cause}).`, "Correct it: double quotes, and no comma at the end.");
  }
}
