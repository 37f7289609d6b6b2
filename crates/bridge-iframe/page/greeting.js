// What a visitor sees of the page itself: in the popup on a slow connection, or after entering the bridge's address.

export const greet = () => {
  if (parent !== window) return;
  const greeting = opener ? "One moment…" : "This page keeps chat sessions for other pages. doctor.html tells whether it works.";
  addEventListener("DOMContentLoaded", () => document.body.prepend(greeting));
};
