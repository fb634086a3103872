/* The form of a problem saves itself a few seconds after the last key, and on leaving. */
"use strict";

const AUTOSAVE_AFTER = 5000;
const AUTOSAVE_AGAIN = 10000;

function autosaving(form) {
  const place = form.querySelector("[data-autosave-said]");
  const say = (text) => { place.textContent = text; };
  let timer = null;
  let written = false; /* since the last time it was kept */
  let stopped = false;
  let under_way = false;

  function body() {
    const data = new FormData(form);
    data.set("issue", form.dataset.issue);
    data.set("number", form.dataset.number);
    return data;
  }

  function later(after) {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(keep, after);
  }

  async function keep() {
    if (!written || stopped) return;
    if (under_way) { later(1000); return; }
    under_way = true;
    written = false;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST", body: body(), redirect: "manual", keepalive: document.hidden,
      });
      if (answer.ok) {
        const kept = await answer.json();
        form.dataset.number = kept.number;
        say(`已自动保存 ${kept.at}`);
      } else if (answer.status === 409) {
        stopped = true;
        say(await answer.text());
      } else if (answer.type === "opaqueredirect" || answer.status === 403) {
        stopped = true;
        say("登录已过期，自动保存停了。请先复制写好的内容，再到新窗口重新登录。");
      } else if (answer.status >= 400 && answer.status < 500) {
        stopped = true;
        say("刚写的没有存上，自动保存停了。请点「存为草稿」保存。");
      } else {
        throw new Error(answer.status);
      }
    } catch {
      written = true;
      say("网络断了，刚写的还没有存上。恢复后会自动再存，请先不要关这一页。");
      later(AUTOSAVE_AGAIN);
    } finally {
      under_way = false;
    }
  }

  if (form.querySelector(".is-invalid")) { /* refused: the last words are on this page alone */
    written = true;
    keep();
  }
  form.addEventListener("input", () => { written = true; later(AUTOSAVE_AFTER); });
  form.addEventListener("submit", () => { stopped = true; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
  window.addEventListener("online", () => keep());
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-autosave]").forEach(autosaving);
});
