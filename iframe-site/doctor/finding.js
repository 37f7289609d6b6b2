// @ts-check

/**
 * How a check ended. The words stand in the page and in the report, and the style goes by them.
 * @typedef {"good" | "attention" | "bad" | "not known"} Status
 */

/**
 * What one check found, for people.
 * @typedef {object} Finding
 * @property {Status} status
 * @property {string} found What is the case.
 * @property {string} todo What to do about it; empty if nothing.
 */

/** @param {Status} status @returns {(found: string, todo?: string) => Finding} */
const finding =
  (status) =>
  (found, todo = "") => ({ status, found, todo });

export const good = finding("good");
export const attention = finding("attention");
export const bad = finding("bad");
export const notKnown = finding("not known");
