/* Shows how far an upload is. Without this the form is sent as every other. */
"use strict";

const WORTH_SHOWING = 300 * 1024;

function sizeOf(form) {
  const inputs = [...form.querySelectorAll("input[type=file]")];
  return inputs.flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);
}

function progressIn(form) {
  const place = document.createElement("p");
  place.className = "row-note mt-2 mb-0";
  place.setAttribute("role", "status");
  const bar = document.createElement("progress");
  bar.className = "upload-progress";
  bar.max = 100;
  const words = document.createElement("span");
  place.append(bar, words);
  form.append(place);
  return (percent, text) => {
    if (percent === null) bar.remove();
    else bar.value = percent;
    words.textContent = text;
  };
}

function send(form) {
  const say = progressIn(form);
  const buttons = form.querySelectorAll("button, input[type=submit]");
  const failed = (text) => {
    say(null, text);
    buttons.forEach((button) => { button.disabled = false; });
  };
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => {
    const percent = Math.floor((event.loaded / event.total) * 100);
    say(percent, percent < 100 ? ` 正在上传 ${percent}%` : " 已传完，正在检查");
  });
  request.addEventListener("load", () => {
    const next = request.getResponseHeader("HX-Redirect");
    if (next) location.assign(next);
    else if (request.status === 413) failed("文件太大，服务器没有收。请少选几份，或压缩后再传。");
    else failed("没有传上去，请刷新页面后重试。");
  });
  request.addEventListener("error", () => failed("网络断了，没有传上去。恢复后请再点一次上传。"));
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.send(new FormData(form));
  setTimeout(() => buttons.forEach((button) => { button.disabled = true; }), 0);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || event.defaultPrevented || sizeOf(form) < WORTH_SHOWING) return;
  event.preventDefault();
  send(form);
});
