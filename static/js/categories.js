/* The lists of categories in tabs, a search over a long one, and the choice folded away after a
   tap. Without this they stand one under the other. */
"use strict";

const LONG_LIST = 12;

function inTabs(fieldset, lists) {
  const bar = document.createElement("div");
  bar.className = "category-tabs";
  bar.setAttribute("role", "tablist");
  const tabs = lists.map((list, place) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.className = "category-tab";
    tab.textContent = list.dataset.list;
    tab.id = `category-tab-${place}`;
    list.id = `category-list-${place}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", list.id);
    list.setAttribute("role", "tabpanel");
    list.setAttribute("aria-labelledby", tab.id);
    list.querySelector("h3").hidden = true;
    tab.addEventListener("click", () => open(place));
    bar.append(tab);
    return tab;
  });
  function open(place) {
    tabs.forEach((tab, number) => {
      tab.setAttribute("aria-selected", String(number === place));
      tab.tabIndex = number === place ? 0 : -1;
      lists[number].hidden = number !== place;
    });
  }
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
    open(next);
    tabs[next].focus();
    event.preventDefault();
  });
  lists[0].before(bar);
  open(Math.max(0, lists.findIndex((list) => list.querySelector("input:checked"))));
}

function withSearch(list) {
  const rows = [...list.querySelectorAll(".category")];
  if (rows.length <= LONG_LIST) return;
  const box = document.createElement("input");
  box.type = "search";
  box.className = "form-control mb-2";
  box.placeholder = "搜索";
  box.setAttribute("aria-label", `在「${list.dataset.list}」里搜索`);
  const none = document.createElement("p");
  none.className = "row-note";
  none.setAttribute("role", "status");
  box.addEventListener("input", (event) => {
    event.stopPropagation(); /* it is no word of the problem: nothing is kept or checked for it */
    const words = box.value.trim();
    rows.forEach((row) => {
      const aspect = row.parentElement.querySelector(".aspect");
      row.hidden = !`${aspect?.textContent ?? ""} ${row.textContent}`.includes(words);
    });
    list.querySelectorAll(".category-rows").forEach((group) => {
      group.hidden = !group.querySelector(".category:not([hidden])");
    });
    none.textContent = rows.every((row) => row.hidden) ? "没有找到，换个词试试。" : "";
  });
  box.addEventListener("change", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  list.querySelector("h3")?.after(box, none);
  if (!box.isConnected) list.prepend(box, none);
}

function folding(fieldset) {
  const fold = fieldset.querySelector("details");
  const chosen = fieldset.querySelector("[data-chosen]");
  fieldset.addEventListener("change", (event) => {
    const row = event.target.closest(".category");
    if (row) chosen.textContent = row.querySelector("b").textContent;
  });
  /* A tap has chosen; who goes through the rows with the arrow keys is still choosing. */
  fieldset.addEventListener("click", (event) => {
    if (event.detail === 0 || !event.target.closest(".category")) return;
    setTimeout(() => { fold.open = false; chosen.focus(); }, 150);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-categories]").forEach((fieldset) => {
    const lists = [...fieldset.querySelectorAll("[data-list]")];
    if (lists.length > 1) inTabs(fieldset, lists);
    lists.forEach(withSearch);
    folding(fieldset);
  });
});
