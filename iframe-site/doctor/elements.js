// @ts-check

/** The parts of doctor.html that the doctor fills in or listens to. */
export function findElements() {
  return {
    place: byId("place", HTMLElement),
    summary: byId("summary", HTMLElement),
    form: byId("ask", HTMLFormElement),
    field: byId("domain", HTMLInputElement),
    alone: byId("alone", HTMLElement),
    line: byId("line", HTMLElement),
    tryPopup: byId("try", HTMLButtonElement),
    report: byId("report", HTMLElement),
    copy: byId("copy", HTMLButtonElement),
    copied: byId("copied", HTMLElement),
    checks: /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-check]")),
  };
}

/**
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 */
function byId(id, kind) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`doctor.html has no #${id}`);
}
