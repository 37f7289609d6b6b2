import { originOf } from "../page/origin.js";

/**
 * Whether a page can be loaded from there, and no script.
 * @param {unknown} value
 * @returns {value is string}
 */
export const isAddress = (value) => typeof value === "string" && /^https?:/.test(value) && originOf(value) !== "";
