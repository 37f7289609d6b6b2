// @ts-check

import { codeOf } from "./advice.js";
import { readBridgePage } from "./bridge-page.js";
import { askBridge, bridge } from "./checks/bridge.js";
import { cookie } from "./checks/cookie.js";
import { judgeHeaders, unreadable } from "./checks/headers.js";
import { hostHeaders } from "./checks/host-headers.js";
import { jar } from "./checks/jar.js";
import { link } from "./checks/link.js";
import { page } from "./checks/page.js";
import { POPUP_OPEN, popup, tryPopup } from "./checks/popup.js";
import { secure } from "./checks/secure.js";
import { readStorageAccess, storageAccess } from "./checks/storage-access.js";
import { askTrusted } from "./checks/trusted.js";
import { wasm } from "./checks/wasm.js";
import { findElements } from "./elements.js";
import { showFailure } from "./failure.js";
import { readOrigin } from "./origin.js";
import { describePlace, embeddingLine, readPlace } from "./place.js";
import { findProvider } from "./provider.js";
import { copyReport, writeReport } from "./report.js";
import { Rows } from "./rows.js";
import { isAnswering, newState } from "./state.js";
import { summarise } from "./summary.js";

/** Runs the checks and shows what they find. */
export class Doctor {
  #elements = findElements();
  #rows = new Rows(this.#elements.checks);
  #provider;
  #state;
  /** How many checks have not ended. */
  #running = 0;

  constructor() {
    const { provider, ...script } = findProvider();
    this.#provider = provider;
    this.#state = newState(readPlace(), script);
  }

  start() {
    this.#fillIn();
    this.#listen();
    this.#rows.show("secure", secure(this.#state.place));
    this.#rows.show("wasm", wasm(this.#state));
    this.#rows.show("host-headers", hostHeaders(this.#state));
    this.#run(this.#checkBridge(), this.#checkTrusted(), this.#checkHeaders());
  }

  /** What does not depend on any check. */
  #fillIn() {
    const { place } = this.#state;
    const wanted = place.isEmbedded ? "" : (new URLSearchParams(location.search).get("domain") ?? "");
    this.#state.domain = place.isEmbedded ? place.host : readOrigin(wanted);
    this.#state.typed = this.#state.domain ?? wanted;
    const { form, field, alone, line, place: where, summary } = this.#elements;
    field.value = this.#state.typed;
    form.hidden = place.isEmbedded && place.host !== undefined;
    alone.hidden = place.isEmbedded;
    line.textContent = embeddingLine(place);
    where.textContent = describePlace(place);
    summary.textContent = "Checking…";
  }

  #listen() {
    const { form, field, tryPopup, copy, copied, report } = this.#elements;
    form.addEventListener("submit", (event) => this.#ask(event));
    field.addEventListener("input", () => field.setCustomValidity(""));
    tryPopup.addEventListener("click", () => this.#tryPopup());
    copy.addEventListener("click", async () => {
      copied.textContent = await copyReport(report);
    });
  }

  /** @param {Promise<void>[]} checks */
  async #run(...checks) {
    delete document.body.dataset.done;
    this.#running++;
    try {
      await Promise.all(checks);
      this.#sumUp();
    } catch (cause) {
      showFailure(cause);
    }
    this.#running--;
    if (this.#running === 0) document.body.dataset.done = "true";
  }

  async #checkBridge() {
    if (this.#provider) Object.assign(this.#state, await askBridge(this.#provider));
    const state = this.#state;
    this.#rows.show("bridge", bridge(state));
    this.#rows.show("jar", jar(state));
    this.#rows.show("cookie", cookie(state));
    this.#rows.show("storage-access", storageAccess(state, readStorageAccess()));
    this.#rows.show("popup", popup(state));
    this.#rows.show("link", link(state));
    this.#showPage();
    this.#elements.tryPopup.disabled = !(isAnswering(state) && state.test.canContinue);
  }

  async #checkTrusted() {
    const { domain } = this.#state;
    this.#state.isTrusted = undefined;
    const { isTrusted, finding } = await askTrusted(this.#provider, this.#state);
    // Another domain may have been asked for since.
    if (this.#state.domain !== domain) return;
    this.#state.isTrusted = isTrusted;
    this.#rows.show("trusted", finding);
  }

  async #checkHeaders() {
    const { domain } = this.#state;
    const arrived = await readBridgePage().catch((cause) => unreadable(codeOf(cause)));
    if (this.#state.domain !== domain) return;
    this.#state.arrived = arrived;
    this.#state.headers = "scripts" in arrived ? judgeHeaders(arrived, this.#state) : { finding: arrived, isKeptOut: false };
    this.#rows.show("headers", this.#state.headers.finding);
    this.#showPage();
  }

  /** Once iframe.html has arrived; again once the bridge has answered or not. */
  #showPage() {
    const { arrived } = this.#state;
    if (arrived) this.#rows.show("page", "scripts" in arrived ? page(arrived, this.#state) : arrived);
  }

  /** @param {SubmitEvent} event */
  #ask(event) {
    event.preventDefault();
    const { field } = this.#elements;
    const typed = field.value.trim();
    this.#state.typed = typed;
    this.#state.domain = readOrigin(typed);
    field.setCustomValidity(this.#state.domain ? "" : "Write the domain as https://shop.example.");
    if (field.reportValidity()) this.#run(this.#checkTrusted(), this.#checkHeaders());
  }

  /** The click's handler: the popup opens only within it. */
  async #tryPopup() {
    if (!this.#provider) return;
    const ended = tryPopup(this.#provider, this.#state);
    const { tryPopup: button } = this.#elements;
    button.disabled = true;
    this.#rows.show("popup", POPUP_OPEN);
    const { popup, finding } = await ended;
    this.#state.popup = popup;
    this.#rows.show("popup", finding);
    button.disabled = false;
    this.#sumUp();
  }

  #sumUp() {
    const { place, domain } = this.#state;
    const [status, sentence] = summarise(this.#state);
    const { summary, report } = this.#elements;
    summary.dataset.status = status;
    summary.textContent = sentence;
    report.textContent = writeReport({
      date: new Date(),
      place,
      domain,
      browser: navigator.userAgent,
      summary: sentence,
      findings: this.#rows.findings(),
    });
  }
}
