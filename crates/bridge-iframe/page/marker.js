// One inner frame, the same for every embedder. A page of any origin can see that there is one of its name, and so distinguishes a bridge that does
// not trust the page from an address without a bridge. It reveals no more than the page's own source.

/** When it comes, in milliseconds: an inner frame takes a tenth of the time that the whole page does, and who is answered does not look for it. */
const LATER = 400;

export const leaveMarker = () => {
  // The browser still reads this element, which the script is in. What follows the script in it is then outside the document, so no frame is made.
  document.getElementById("stopped")?.remove();
  setTimeout(insertMarker, LATER);
};

const insertMarker = () => {
  const marker = document.createElement("iframe");
  // As MARKER in crates/bridge-protocol.
  marker.name = "cookie-bridge";
  marker.hidden = true;
  document.documentElement.append(marker);
};
