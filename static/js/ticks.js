/* One box ticks all boxes of the page; each can still be ticked by itself, also without this. */
"use strict";

for (const label of document.querySelectorAll("[data-tick-all]")) {
  const all = label.querySelector("input");
  const form = label.closest("form");
  const boxes = document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`);
  const show = () => {
    const ticked = [...boxes].filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  label.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
}
