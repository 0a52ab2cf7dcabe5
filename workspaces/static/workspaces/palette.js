// Search or jump, by Ctrl-K or "/". Without it, the links in the rail lead to the search page.
"use strict";
(() => {
  const palette = document.getElementById("palette");
  const field = palette.querySelector("input[role=combobox]");
  const options = () => [...palette.querySelectorAll("[role=option]")];

  function choose(option) {
    for (const other of options()) other.ariaSelected = String(other === option);
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function open() {
    if (palette.open) return;
    palette.showModal();
    field.select();
    window.htmx.trigger(field, "ask");
  }

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, textarea, select, [contenteditable]");
    const isAsked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping);
    if (!isAsked || event.altKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    document.getElementById("rail-nav").hidePopover();
    open();
  });

  field.addEventListener("keydown", (event) => {
    const found = options();
    const now = found.findIndex((option) => option.ariaSelected === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      choose(found[(now + step + found.length) % found.length]);
    }
    if (event.key === "Enter" && now >= 0) {
      event.preventDefault();
      found[now].click();
    }
  });
  // The list of what was typed before stays until the next one comes, but Enter does nothing of it.
  field.addEventListener("input", () => choose(undefined));
  palette.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.requestConfig.parameters.q === field.value) choose(options()[0]);
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
})();
