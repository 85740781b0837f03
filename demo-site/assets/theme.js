// Before the first paint, so that a chosen theme or direction never flashes in.
const chosen = (key) => {
  try {
    return localStorage.getItem(`spark-site-${key}`);
  } catch {
    return null; // Storage may be refused; then the page's own defaults hold.
  }
};
const theme = chosen("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
if (chosen("dir") === "rtl") document.documentElement.dir = "rtl";
