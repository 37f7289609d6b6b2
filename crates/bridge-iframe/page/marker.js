// One inner frame, the same for every embedder. A page of any origin can count it, and so distinguishes a bridge that does not trust the page
// from an address without a bridge. It reveals no more than the page's own source.

export const leaveMarker = () => {
  const marker = document.createElement("iframe");
  marker.hidden = true;
  document.documentElement.append(marker);
};
