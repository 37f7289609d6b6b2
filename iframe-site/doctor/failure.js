// @ts-check

/**
 * Says that the doctor itself has failed: somebody who looks for a mistake must not look at an empty page.
 * @param {unknown} cause
 */
export function showFailure(cause) {
  const summary = document.getElementById("summary");
  if (!summary) return;
  summary.dataset.status = "bad";
  summary.textContent = `The doctor itself stopped (${cause}). Something changes this page, or the browser is too old for it.`;
}
