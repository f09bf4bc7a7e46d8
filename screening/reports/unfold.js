"use strict";
(() => {
  const groups = Array.from(document.querySelectorAll("section.group"));
  const buttons = Array.from(document.querySelectorAll("button[data-group]"));
  const said = document.getElementById("shown");
  const every = Array.from(document.querySelectorAll("#criteria details")).length;

  const show = (key) => {
    let shown = 0;
    for (const group of groups) {
      group.hidden = key !== "" && group.dataset.key !== key;
      if (!group.hidden) shown += group.querySelectorAll("details").length;
    }
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.group === key));
    said.textContent = key === "" ? "" : `${shown} of ${every} criteria are shown.`;
  };

  const unfold = (opened) => {
    for (const each of document.querySelectorAll("details")) each.open = opened;
  };

  // A link leads into what it names, whatever is folded or left out of sight.
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id === "" ? null : document.getElementById(id);
    if (target === null) return;
    const group = target.closest("section.group");
    if (group !== null && group.hidden) show("");
    for (let each = target.closest("details"); each !== null; each = each.parentElement.closest("details")) {
      each.open = true;
    }
    target.scrollIntoView();
  };

  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.group));
  for (const button of document.querySelectorAll("button[data-unfold]")) {
    button.addEventListener("click", () => {
      for (const each of document.querySelectorAll("#criteria details")) each.open = button.dataset.unfold === "yes";
    });
  }
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    unfold(true);
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
  addEventListener("hashchange", reveal);
  // Nothing is changed before the self-check has looked at the page as it was made.
  addEventListener("DOMContentLoaded", () => {
    for (const each of document.querySelectorAll("[data-controls]")) each.hidden = false;
    reveal();
  });
})();
