// What a link's address or the return page brought, for all providers of the page: it can be left only once.
import { arrived, withPart } from "./address.js";
import { isFresh, REST, removeNotes, takeNote, writeNote } from "./notes.js";
import { isReturnPage } from "./return_page.js";
import { makeKey } from "./seal.js";

/** The providers that have not said yet whether they want what the offer offers. */
const undecided = new Set();

/**
 * The names of the sessions that are wanted.
 * @type {string[]}
 */
let wanted = [];

/**
 * Where the last one that wanted its session wants to go.
 * @type {{ address: string, path: string } | undefined}
 */
let where;

/**
 * What the return page brought.
 * @type {any}
 */
let brought;

/**
 * @param {string} name
 * @returns {{ session?: string, maxAge?: number, code?: string } | undefined}
 */
const broughtFor = (name) => {
  brought ??= takeNote("sessionStorage", "brought") ?? {};
  const { sessions, code, names, at } = brought;
  if (!isFresh(at)) return undefined;
  if (sessions && Object.keys(sessions).includes(name)) return { session: sessions[name], maxAge: sessions[name + REST] };
  return code && names?.includes?.(name) ? { code } : undefined;
};

/**
 * Leaves for the other domain's return page.
 * @param {{ address: string, path: string }} where
 */
const leave = async ({ address, path }) => {
  const names = wanted;
  wanted = [];
  // Nobody is taken off a page in use.
  if (!names[0] || navigator.userActivation?.hasBeenActive) return;
  try {
    const nonce = /** @type {string} */ (arrived).split(",")[1];
    const { kept, shown } = await makeKey();
    // Consent may have been withdrawn meanwhile.
    if (!where) return;
    writeNote(window.sessionStorage, nonce, { address: location.href, key: kept, names, at: Date.now() });
    const link = document.createElement("a");
    link.href = withPart(new URL(address), ["ask", nonce, shown, path, ...names].join());
    // The return page must know who asks, whatever this page's policy says.
    link.referrerPolicy = "origin";
    link.click();
  } catch (cause) {
    console.warn("Cookie Bridge:", cause);
  }
};

/**
 * @param {string} name the session's
 * @param {import("../tell.js").Tell} tell
 * @param {(event: string, id: number) => void} stopTimer
 * @param {() => void} watch watches the page's links
 */
export const createHandOver = (name, tell, stopTimer, watch) => {
  const self = {};

  const decide = () => {
    // The last one leaves for all.
    if (undecided.delete(self) && !undecided.size && where) leave(where);
  };

  return {
    /** What the link has brought is told once the page's own script has had the time to listen. */
    begin() {
      const fields = broughtFor(name);
      if (fields) queueMicrotask(() => tell("handed-over", fields));
      if (arrived) {
        undecided.add(self);
        queueMicrotask(() => tell("arrived", { text: arrived }));
      }
      watch();
    },

    removeNotes() {
      where = undefined;
      brought = {};
      removeNotes();
    },

    /** @param {{ path: string }} page */
    async lookForReturnPage({ path }) {
      tell("return-page-seen", { isThere: await isReturnPage(path) });
    },

    /** @param {{ address: string, path: string }} asked */
    ask(asked) {
      where = asked;
      wanted.push(name);
      decide();
    },

    decline() {
      stopTimer("offer-expired", 0);
      wanted = wanted.filter((other) => other !== name);
      decide();
    },
  };
};
