// Starting the page.

const THEME = "grove-theme";
const root = document.documentElement;

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

// A browser may keep nothing for pages that come from a disk.
function remembered(value) {
  try {
    if (value) localStorage.setItem(THEME, value);
    return localStorage.getItem(THEME);
  } catch {
    return null;
  }
}

function tellTheme() {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
}

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  remembered(root.dataset.theme);
  tellTheme();
}

function start() {
  const theme = remembered();
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  tellTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tellTheme);
  byId("theme").addEventListener("click", switchTheme);
  byId("keys").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", onKey);
  startList();
  startWorst();
  window.addEventListener("hashchange", route);
  route();
}

start();
