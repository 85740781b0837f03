// What makes an app of these pages.
navigator.serviceWorker?.register("/worker.js");

// The number on its icon.
document.addEventListener("spark-unread", ({ detail }) => {
  navigator.setAppBadge?.(detail.total);
});

// A quiet button in place of the browser's own offer.
const install = document.getElementById("install");
let offer;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  install.hidden = false;
});
install.addEventListener("click", async () => {
  install.hidden = true;
  await offer.prompt();
});
addEventListener("appinstalled", () => (install.hidden = true));
