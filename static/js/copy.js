/* A button beside a text copies it, without its blanks; unseen where the browser cannot. */
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  const said = button.nextElementSibling;
  button.hidden = !text;
  button.addEventListener("click", async () => {
    const copied = await copy(text);
    said.textContent = copied ? "已复制，粘贴到应用后请清空剪贴板。" : "没有复制成功，密钥已选中，请手工复制。";
  });
}

/* The clipboard needs https; elsewhere the selected text is copied the old way. */
async function copy(element) {
  const content = element.textContent.replace(/\s/g, "");
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(content);
      return true;
    } catch { /* refused by the browser: try the other way */ }
  }
  const put = (event) => {
    event.clipboardData.setData("text/plain", content);
    event.preventDefault();
  };
  getSelection().selectAllChildren(element);
  document.addEventListener("copy", put, { once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", put);
  return done;
}
