// The name follows the chosen workspace and monitor until a person types one.
"use strict";

const form = document.getElementById("integration-form");
const nameField = form.elements.name;
let suggested = nameField.value;

form.addEventListener("change", ({ target }) => {
  if (!["workspace", "monitor"].includes(target.name) || nameField.value !== suggested) return;
  const chosen = target.selectedOptions[0];
  const all = form.elements.workspace.selectedOptions[0].textContent;
  const subject = target.name === "monitor" && !["", "all"].includes(chosen.value) ? chosen.textContent : all;
  suggested = suggested.replace(/^.* to /, () => `${subject} to `);
  nameField.value = suggested;
});
