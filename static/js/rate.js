/* The rating code arrives in the address's fragment: put it into the form and clear it,
   so that neither history nor a shared screen keeps it. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("id_code");
  const code = decodeURIComponent(window.location.hash.slice(1));
  if (!code) return;
  history.replaceState(null, "", window.location.pathname);
  if (!field || field.type === "hidden") return;
  field.value = code;
  field.form.querySelector("[type=submit]").focus();
});

/* A page brought back from the browser's memory would show what was chosen. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.replace("/rate/");
});
