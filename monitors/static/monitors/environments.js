// Adds a row without asking the server.
"use strict";

document.querySelector(".environment-form [name=add-row]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const total = document.querySelector("[name=variables-TOTAL_FORMS]");
  const blank = document.querySelector("[data-blank-row]").innerHTML.replaceAll("__prefix__", total.value);
  const rows = document.querySelector("[data-rows]");
  rows.insertAdjacentHTML("beforeend", blank);
  total.value = Number(total.value) + 1;
  rows.lastElementChild.querySelector("input:not([type=hidden])").focus();
});
