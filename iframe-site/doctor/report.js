// @ts-check

/** @typedef {import("./finding.js").Finding} Finding */
/** @typedef {import("./place.js").Place} Place */

/**
 * Everything on the page, as text for a support ticket.
 * @param {object} facts
 * @param {Date} facts.date
 * @param {Place} facts.place
 * @param {string | undefined} facts.domain
 * @param {string} facts.browser
 * @param {string} facts.summary
 * @param {readonly (Finding & { title: string })[]} facts.findings
 */
export function writeReport({ date, place, domain, browser, summary, findings }) {
  const around = place.isEmbedded ? (place.host ?? "not known") : "nothing, opened as a page of its own";
  const lines = [
    "Cookie Bridge: doctor",
    `Date: ${date.toISOString()}`,
    `Page: ${place.url}`,
    `Embedded in: ${around}`,
    `Domain: ${domain ?? "not known"}`,
    `Browser: ${browser}`,
    `Summary: ${summary}`,
  ];
  for (const { title, status, found, todo } of findings) {
    lines.push("", `[${status}] ${title}`, `  ${found}`);
    if (todo) lines.push(`  ${whatToDo(todo)}`);
  }
  return lines.join("\n");
}

/** @param {string} todo */
export const whatToDo = (todo) => todo && `What to do: ${todo}`;

/**
 * Copies the report, or selects it where the browser refuses that: in a frame, most do.
 * @param {HTMLElement} report
 * @returns {Promise<string>} What to tell the visitor.
 */
export async function copyReport(report) {
  try {
    await navigator.clipboard.writeText(report.textContent ?? "");
    return "Copied.";
  } catch {
    report.focus();
    getSelection()?.selectAllChildren(report);
    return "The text is selected: copy it with Ctrl+C or ⌘C.";
  }
}
