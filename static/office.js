// Names for what the admin's own scripts build without one, so that a screen reader says what it is:
// the search boxes of select2 take the label of the field they stand for, and a head of a table that
// says nothing is no head.
"use strict";

(() => {
  const nameOf = (field) => {
    const label = field.labels?.[0] ?? document.querySelector(`label[for="${field.id}"]`);
    return (label?.textContent ?? field.name).trim();
  };

  const name = (field) => {
    const box = field.nextElementSibling;
    if (!box?.classList.contains("select2")) return;
    const said = nameOf(field);
    for (const part of box.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]")) {
      part.removeAttribute("aria-labelledby");
      const chosen = part.getAttribute("role") === "textbox" ? part.textContent.trim() : "";
      part.setAttribute("aria-label", chosen ? `${said}: ${chosen}` : said);
    }
    for (const list of box.querySelectorAll("ul.select2-selection__rendered")) {
      list.setAttribute("aria-label", said);
    }
  };

  const nameAll = () => document.querySelectorAll("select.admin-autocomplete").forEach(name);

  const emptyHeads = () => {
    for (const head of document.querySelectorAll(".inline-group thead th")) {
      if (head.textContent.trim()) continue;
      const cell = document.createElement("td");
      cell.className = head.className;
      head.replaceWith(cell);
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    emptyHeads();
    // The admin's scripts build their boxes when they are told that the page is there, as we are.
    setTimeout(nameAll);
    window.django?.jQuery?.(document).on("select2:open select2:select formset:added", (event) => {
      setTimeout(() => {
        nameAll();
        const open = document.querySelector(".select2-container--open .select2-search__field");
        if (open && event.target.matches?.("select")) {
          open.setAttribute("aria-label", nameOf(event.target));
        }
      });
    });
  });
})();
