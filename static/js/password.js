/* A button beside each password shows what was typed. */
"use strict";

for (const group of document.querySelectorAll("[data-password]")) {
  const [input, button] = [group.querySelector("input"), group.querySelector("button")];
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "隐藏" : "显示";
    button.setAttribute("aria-pressed", String(shown));
    input.focus();
  });
  /* Sent as a password again, so that the browser offers to keep it and shows it to nobody. */
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}
