// @ts-check

import { notKnown } from "./finding.js";
import { whatToDo } from "./report.js";

/** @typedef {import("./finding.js").Finding} Finding */

/**
 * The checks, by the names that their rows have in doctor.html.
 * @typedef {"secure" | "wasm" | "bridge" | "trusted" | "jar" | "cookie" | "storage-access" | "popup" | "link" | "headers"
 *   | "page" | "host-headers"} Check
 */

const LABELS = { good: "✓ Good", attention: "! Attention", bad: "✗ Bad", "not known": "? Not known" };

/** The list of checks on the page. */
export class Rows {
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /** @param {Iterable<HTMLElement>} items The `[data-check]` of doctor.html. */
  constructor(items) {
    for (const item of items) this.#rows.set(item.dataset.check ?? "", new Row(item));
  }

  /**
   * @param {Check} check
   * @param {Finding} finding
   */
  show(check, finding) {
    this.#rows.get(check)?.show(finding);
  }

  /** What is shown, from top to bottom. */
  findings() {
    return [...this.#rows.values()].map(({ title, finding }) => ({ title, ...finding }));
  }
}

class Row {
  #item;
  #status = paragraph("status");
  #found = paragraph("found");
  #todo = paragraph("todo");
  finding = notKnown("Checking…");

  /** @param {HTMLElement} item */
  constructor(item) {
    // What stands there as long as no script runs.
    item.querySelector("p")?.remove();
    const heading = item.querySelector("h3");
    heading?.after(this.#status, this.#found, this.#todo);
    this.#item = item;
    this.title = heading?.textContent ?? "";
    this.show(this.finding);
  }

  /** @param {Finding} finding */
  show(finding) {
    this.finding = finding;
    this.#item.dataset.status = finding.status;
    this.#status.textContent = LABELS[finding.status];
    this.#found.textContent = finding.found;
    this.#todo.textContent = whatToDo(finding.todo);
  }
}

/** @param {string} className */
const paragraph = (className) => Object.assign(document.createElement("p"), { className });
