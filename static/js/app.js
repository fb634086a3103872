/* Small helps for every page. Each page works without them. */
"use strict";

/* A form or button with data-confirm asks before it acts, and shows what a choice of it is. */
document.addEventListener("submit", (event) => {
  const asking = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  const choice = event.target.querySelector("select[data-confirm-shows]");
  const chosen = choice?.selectedOptions[0]?.dataset.text;
  if (asking && !window.confirm(chosen ? `${asking}\n\n${chosen}` : asking)) {
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

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

/* After a refused form the first wrong field has the focus. */
document.addEventListener("DOMContentLoaded", () => {
  if (document.querySelector("[data-error-summary]")) {
    document.querySelector(".is-invalid:not(form):not(div)")?.focus();
  }
});

/* A page that asks for progress says so when the server is away. */
function sayAway() {
  const place = document.getElementById("messages");
  if (!place || place.querySelector("[data-away]")) return;
  const note = document.createElement("div");
  note.className = "alert alert-warning";
  note.dataset.away = "";
  note.setAttribute("role", "alert");
  note.textContent = "与服务器的连接中断，进度暂时看不到。恢复后刷新本页，已提交的任务会接着处理。";
  place.append(note);
}
document.addEventListener("htmx:sendError", sayAway);
document.addEventListener("htmx:responseError", sayAway);
document.addEventListener("htmx:afterOnLoad", () => {
  document.querySelector("[data-away]")?.remove();
});

/* Signed out while writing: the live check must not leave the page with what was typed. */
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const check = event.target.closest("section.check");
  if (!check) return;
  const { responseURL } = event.detail.xhr;
  const elsewhere = responseURL && new URL(responseURL).pathname !== check.getAttribute("hx-post");
  if (!elsewhere && !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault();
  check.textContent = "登录已过期，边写边查停了。请先复制写好的内容，再到新窗口重新登录。";
});
