// Runs before the first paint, so that a dark page never flashes white.
"use strict";
(() => {
  const page = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    const choice = localStorage.getItem("theme");
    page.dataset.theme = choice || (system.matches ? "dark" : "light");
    page.dataset.themeChoice = choice || "system";
  }

  window.chooseTheme = (choice) => {
    if (choice === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", choice);
    apply();
  };

  page.classList.add("js");
  apply();
  system.addEventListener("change", apply);

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax`;
})();
