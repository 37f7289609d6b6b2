// The return page of the domain that the visitor left: it answers the page that the visitor came to.
import { withPart } from "../page/hand_over/address.js";
import { originOf } from "../page/origin.js";
import { giveTo } from "./give.js";
import { isAddress } from "./is_address.js";
import { go, leave } from "./navigate.js";
import { takeOffered } from "./notes.js";
import { partOf } from "./part.js";
import { within } from "./within.js";

/** How long the answer may take, in milliseconds. */
const PATIENCE = 3000;

/** A file of this name, and nothing that an address could mistake for a host, a query or a fragment. As `is_return_page` in crates/bridge-protocol. */
const RETURN_PAGE = /^\/(?!\/)(?:[\w.~/-]*\/)?cookie-bridge\.html$/;

/** @param {import("./part.js").Ask} ask */
export const answer = async (ask) => {
  const offered = takeOffered(ask.nonce);
  // Without a referrer there is nobody to answer. The visitor gets where the link led to.
  if (!isAddress(document.referrer)) return offered ? go(offered.to) : leave();
  if (!RETURN_PAGE.test(ask.path)) return leave();
  const asker = originOf(document.referrer);
  /** @type {import("./part.js").Answer} */
  let answer = { step: "none", nonce: ask.nonce, code: "handoff-expired" };
  try {
    answer = await within(PATIENCE, giveTo(ask, offered, asker));
  } catch (cause) {
    console.warn("Cookie Bridge:", cause);
  }
  go(withPart(new URL(asker + ask.path), partOf(answer)));
};
