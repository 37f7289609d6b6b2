// Turbo keeps the scripts of the head from page to page, and replaces the body.
addEventListener("turbo:load", async () => {
  const { value } = await provider.loadCookie();
  document.getElementById("session").value = value;
});

addEventListener("click", async ({ target }) => {
  if (target.id !== "save") return;
  const { saved } = await provider.saveCookie("from-shop");
  document.getElementById("saved").value = saved ? "saved" : "";
});
