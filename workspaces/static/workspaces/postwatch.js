// Improvements: every page works without them.
"use strict";

// Menus are <details>: one at a time, closed by Escape, a choice or a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const chosen = event.target.closest(".menu-items a, .menu-items [type=submit]");
    if (chosen || !menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  hideTip();
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// Light, dark, or what the system uses.
function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-choice]:is(button)")) {
    button.setAttribute("aria-pressed", button.dataset.themeChoice === document.documentElement.dataset.themeChoice);
  }
}
document.querySelector(".theme-choice")?.removeAttribute("hidden");
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-theme-choice]");
  if (!button) return;
  window.chooseTheme(button.dataset.themeChoice);
  showTheme();
});
showTheme();

// Titles become tooltips that keyboards reach too, and so do the names of bars.
const tooltip = document.createElement("div");
tooltip.className = "page-tooltip";
tooltip.id = "tooltip";
tooltip.setAttribute("role", "tooltip");
tooltip.hidden = true;
document.body.append(tooltip);
let tipped = null;

function showTip(element) {
  if (element.title) {
    element.dataset.tooltip = element.title;
    element.removeAttribute("title");
  }
  tipped = element;
  tooltip.textContent = element.dataset.tooltip ?? element.ariaLabel;
  tooltip.hidden = false;
  if (element.dataset.tooltip) element.setAttribute("aria-describedby", "tooltip");
  const box = element.getBoundingClientRect();
  const left = box.left + box.width / 2 - tooltip.offsetWidth / 2;
  const above = box.top - tooltip.offsetHeight - 6;
  tooltip.style.left = `${Math.max(4, Math.min(left, document.documentElement.clientWidth - tooltip.offsetWidth - 4))}px`;
  tooltip.style.top = `${above > 0 ? above : box.bottom + 6}px`;
}

function hideTip() {
  tooltip.hidden = true;
  tipped?.removeAttribute("aria-describedby");
  tipped = null;
}

for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const element = event.target.closest("[title], [data-tooltip], .strip a");
    if (element) showTip(element);
    else hideTip();
  });
}
document.addEventListener("focusout", hideTip);
document.addEventListener("scroll", hideTip, { capture: true, passive: true });

// A run strip is one stop for the Tab key; the arrow keys walk through its bars.
document.addEventListener("keydown", (event) => {
  const bar = event.target.closest(".strip a");
  const step = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
  const next = bar && step && bar[step];
  if (!next) return;
  event.preventDefault();
  bar.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

// A click anywhere in a row opens its page; links and buttons inside work as usual.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.target.closest("a, button, input, label, summary, select") || getSelection().toString()) return;
  const link = row.querySelector(".row-link");
  if (event.ctrlKey || event.metaKey) window.open(link.href);
  else link.click();
});

// The icon and the title of the tab turn red with an outage, also in a tab that nobody looks at.
document.addEventListener("htmx:afterSettle", () => {
  // A screen on the wall has no rail: there the title came with the page.
  const inTitle = document.title.match(/^\((\d+)\) /)?.[1];
  const failing = Number(document.getElementById("rail-lists")?.dataset.failing ?? inTitle ?? 0);
  const icon = document.getElementById("icon");
  const mark = failing ? icon.dataset.failing : icon.dataset.calm;
  if (icon.getAttribute("href") !== mark) icon.setAttribute("href", mark);
  document.title = `${failing ? `(${failing}) ` : ""}${document.title.replace(/^\(\d+\) /, "")}`;
});

// Live parts do not refresh in hidden tabs, nor when nothing changed: focus and selection stay.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.dataset.live === "") event.preventDefault();
});
// Times that pass are no change: "3 min ago" alone goes on. When something else changed, an open menu, chosen rows and
// a selection stay, folds stay as they are, and the focus returns to its link or button.
const CLOCKS = "time, [data-clock]";
const shown = new Map();
let focused = null;
let folds = new Map();
function withoutClocks(part) {
  const copy = part.cloneNode(true);
  for (const clock of copy.querySelectorAll(CLOCKS)) clock.replaceChildren();
  for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) token.removeAttribute("value");
  return copy.outerHTML;
}
function setClocks(part, received) {
  const clocks = received.querySelectorAll(CLOCKS);
  part.querySelectorAll(CLOCKS).forEach((clock, place) => {
    if (clock.innerHTML !== clocks[place]?.innerHTML) clock.innerHTML = clocks[place]?.innerHTML ?? "";
  });
}
// A live part, and what is swapped with it elsewhere on the page.
function idsOf(element) {
  const others = element.getAttribute("hx-select-oob")?.split(",") ?? [];
  return [element.id, ...others.map((other) => other.trim().slice(1).split(":")[0])];
}
function isShown(element, response) {
  const received = new DOMParser().parseFromString(response, "text/html");
  const pairs = idsOf(element).map((id) => [id, document.getElementById(id), received.getElementById(id)]);
  const isSame = pairs.every(([id, part, other]) => part && other && shown.get(id) === withoutClocks(other));
  for (const [id, part, other] of pairs) {
    if (isSame) setClocks(part, other);
    else if (other && !isInUse(element)) shown.set(id, withoutClocks(other));
  }
  return isSame;
}
const foldsOf = (part) => [...part.querySelectorAll("details:not(.menu)")];
const nameOfFold = (fold) => fold.id || fold.querySelector("summary").textContent.trim();
for (const element of document.querySelectorAll("[data-live]")) {
  for (const id of idsOf(element)) {
    const part = document.getElementById(id);
    if (part) shown.set(id, withoutClocks(part));
  }
}
const nameOf = (element) =>
  [element.tagName, element.getAttribute("href") ?? element.form?.action, element.textContent.trim()].join();
function isInUse(part) {
  const selection = getSelection();
  return part.querySelector("details.menu[open], :checked:not(option)") || (selection.toString() && part.contains(selection.anchorNode));
}
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  focused = null;
  if (detail.requestConfig?.elt.hasAttribute("data-live")) {
    if (isShown(detail.requestConfig.elt, detail.serverResponse) || isInUse(detail.target)) detail.shouldSwap = false;
    folds = new Map(foldsOf(detail.target).map((fold) => [nameOfFold(fold), fold.open]));
    if (detail.target.contains(document.activeElement)) focused = nameOf(document.activeElement);
  }
  // A form with errors comes back with status 422 and is shown.
  if (detail.xhr.status === 422) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

document.addEventListener("htmx:afterSwap", () => {
  for (const fold of document.querySelectorAll("[data-live] details:not(.menu)")) {
    fold.open = folds.get(nameOfFold(fold)) ?? fold.open;
  }
  folds.clear();
});
document.addEventListener("htmx:afterSettle", () => {
  if (!focused || document.activeElement !== document.body) return;
  const again = [...document.querySelectorAll("[data-live] :is(a, button, summary)")];
  again.find((element) => nameOf(element) === focused)?.focus({ preventScroll: true });
});

// Confirmation dialogs.
const dialog = document.getElementById("dialog");
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === dialog && !dialog.open) dialog.showModal();
});
dialog.addEventListener("click", (event) => {
  if (event.target !== dialog && !event.target.closest("[data-close-dialog]")) return;
  event.preventDefault();
  dialog.close();
});

// The focus moves to the errors of a form; a second click does not send it twice.
document.querySelector("[data-focus]")?.focus();
document.addEventListener("submit", (event) => {
  const form = event.target;
  // What htmx sends, it has prevented here. Forms that ask it only for a preview are sent by the browser.
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Leaving a form that was changed asks. Cancel and Take theirs mean it. To choose rows changes nothing.
const changeable = [...document.querySelectorAll(".framed main form[method=post]:not(:has(.bulk))")].filter((form) =>
  form.querySelector(".form-control, .form-select, .form-check-input"),
);
const contentOf = (form) => new URLSearchParams(new FormData(form)).toString();
const untouched = new Map(changeable.map((form) => [form, contentOf(form)]));
let isDiscarding = false;
document.addEventListener("click", (event) => {
  isDiscarding = Boolean(event.target.closest(".save-bar a, .conflict a, [data-close-dialog]"));
});
window.addEventListener("beforeunload", (event) => {
  const isChanged = (form) => form.querySelector(".field-error, .conflict") || contentOf(form) !== untouched.get(form);
  if (isDiscarding || changeable.some((form) => form.dataset.sent)) return;
  if (changeable.some((form) => form.isConnected && isChanged(form))) event.preventDefault();
});

// A file that is dropped or chosen is sent at once.
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-send-at-once]") && target.files.length) target.form.requestSubmit();
});
