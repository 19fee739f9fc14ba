// Light or dark: as the system is, until the button chooses. The theme's own script does this, too, but as Debian
// packages it, it does not run.
const system = matchMedia("(prefers-color-scheme: dark)");

function show() {
  document.body.dataset.theme = localStorage.getItem("theme") ?? (system.matches ? "dark" : "light");
}

function change() {
  localStorage.setItem("theme", document.body.dataset.theme === "dark" ? "light" : "dark");
  show();
}

document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.remove("no-js"); // shows the button
  for (const button of document.getElementsByClassName("theme-toggle")) button.onclick = change;
  system.onchange = show;
  show();
});
