// How the page reports to the core.

/**
 * Reports an event by its name, with its fields: `Event::read` of the core has them all.
 * @typedef {(event: string, fields?: object) => void} Tell
 */

export {};
