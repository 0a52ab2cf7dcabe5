// One box chooses all monitors of the page.
function boxes() {
  return [...document.querySelectorAll('[name="monitors"]')];
}

function showState() {
  const all = document.querySelector("[data-choose-all]");
  if (!all) return;
  const chosen = boxes().filter((box) => box.checked).length;
  all.hidden = false;
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-choose-all]")) {
    for (const box of boxes()) box.checked = target.checked;
  }
  showState();
});
document.addEventListener("htmx:afterSettle", showState);
window.addEventListener("pageshow", showState);
