"use strict";
(() => {
  const number = (cell) => {
    if (cell.dataset.v) return Number(cell.dataset.v);
    const text = (cell.firstChild ? cell.firstChild.textContent : "").trim().split("–")[0];
    const value = text.replace(/\./g, "").replace(",", ".").replace("−", "-").replace(/[%+]/g, "");
    return value === "=" ? 0 : value === "" || isNaN(value) ? null : Number(value);
  };
  const compare = (at, up) => (first, second) => {
    const [one, other] = [first.cells[at], second.cells[at]], [a, b] = [number(one), number(other)];
    if (a !== null && b !== null) return up ? a - b : b - a;
    if (a === null && b === null) return (up ? 1 : -1) * one.textContent.localeCompare(other.textContent, "vi");
    return a === null ? 1 : -1;
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        body.append(...[...body.rows].sort(compare(head.cellIndex, up)));
      });
    }
  }
})();
