/* Small helps for every page. Each page works without them. */
"use strict";

/* A form or button with data-confirm asks before it acts. */
document.addEventListener("submit", (event) => {
  const asking = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (asking && !window.confirm(asking)) {
    event.preventDefault();
    return;
  }
  /* One press, one request: a slow line must not send a form twice. */
  const button = event.submitter;
  if (button && event.target.method === "post") {
    setTimeout(() => { button.disabled = true; }, 0);
    window.addEventListener("pageshow", () => { button.disabled = false; }, { once: true });
  }
});

/* A select or date marked data-submit sends its form when changed. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

/* A field marked data-shows="name=value" is shown only while that choice is made. */
function showDependents() {
  document.querySelectorAll("[data-shown-if]").forEach((part) => {
    const [name, wanted] = part.dataset.shownIf.split("=");
    const chosen = document.querySelector(`[name="${name}"]:checked, select[name="${name}"]`);
    part.hidden = !wanted.split("|").includes(chosen?.value ?? "");
  });
}
document.addEventListener("change", showDependents);
document.addEventListener("DOMContentLoaded", showDependents);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
