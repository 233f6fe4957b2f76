"use strict";
(() => {
  const form = document.querySelector("form.tools");
  if (!form) return;
  const items = Array.from(document.querySelectorAll("[data-item]"), (node) => (
    { node: node, data: node.dataset, words: node.textContent.toLocaleLowerCase() }
  ));
  const groups = Array.from(document.querySelectorAll(".group"));
  const { words, fit, programme, order, may, unfold } = form.elements;
  const told = form.querySelector("output");
  if (!items.some((item) => item.data.fit)) fit.parentNode.remove();

  const matches = (item) => (
    words.value.toLocaleLowerCase().split(/\s+/).every((word) => item.words.includes(word))
    && (!fit.value || Number(item.data.fit) >= Number(fit.value))
    && (!programme.value || item.data.programme === programme.value)
    && (!may.checked || item.data.may === "yes")
  );
  const isFiltering = () => Boolean(words.value.trim() || fit.value || programme.value || may.checked);

  function filter() {
    let shown = 0;
    for (const item of items) {
      item.node.hidden = !matches(item);
      shown += item.node.hidden ? 0 : 1;
    }
    for (const group of groups) {
      const own = Array.from(group.querySelectorAll("[data-item]"));
      group.hidden = isFiltering() && own.every((node) => node.hidden);
      for (const fold of group.querySelectorAll(":scope > details")) {
        const folded = Array.from(fold.querySelectorAll("[data-item]"));
        fold.hidden = folded.every((node) => node.hidden);
        if (isFiltering() && !fold.hidden) fold.open = true;
      }
    }
    told.textContent = form.dataset.told.replace("{shown}", shown).replace("{all}", items.length);
  }

  function sort() {
    const value = order.value === "due"
      ? (node) => node.dataset.due
      : (node) => node.dataset.rank.padStart(6, "0");
    for (const list of document.querySelectorAll(".cards")) {
      list.append(...Array.from(list.children).sort((one, other) => (
        value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0
      )));
    }
  }

  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    for (const fold of document.querySelectorAll("#cities details")) fold.open = open;
    unfold.setAttribute("aria-pressed", String(open));
  });
  order.addEventListener("change", sort);
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
