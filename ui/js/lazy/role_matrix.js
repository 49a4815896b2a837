/* The matrix of a role: one menu for every cell and column, arrow keys, rows that unfold to fields. What is chosen is saved at once;
   the server answers with the row (or the matrix) and the draft bar, the page stays. */
import htmx from "htmx.org";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

class Matrix {
  constructor(root) {
    this.root = root;
    this.menu = root.querySelector("[data-menu]");
    this.asked = null;
    root.addEventListener("click", (event) => this.clicked(event.target));
    root.addEventListener("change", (event) => this.changed(event.target));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("htmx:afterSwap", () => this.begin());
    this.menu.addEventListener("toggle", (event) => event.newState === "closed" && this.asked?.button.setAttribute("aria-expanded", "false"));
    this.begin();
  }

  get rows() {
    return [...this.root.querySelectorAll("tr[data-entity]")].filter((row) => !row.hidden);
  }

  /** One cell takes part in the order of Tab, the others are reached by arrow keys. */
  begin() {
    const every = this.root.querySelector("[data-every]");
    if (every) every.hidden = false;
    if (!this.root.querySelector("[data-right][tabindex='0']")) this.root.querySelector("[data-right]")?.setAttribute("tabindex", "0");
  }

  hold(cell) {
    for (const held of this.root.querySelectorAll("[data-right][tabindex='0']")) held.setAttribute("tabindex", "-1");
    cell.setAttribute("tabindex", "0");
    cell.focus();
  }

  clicked(target) {
    const cell = target.closest("[data-right]");
    if (cell) {
      this.hold(cell);
      this.open(cell, cell.dataset.right, [cell.closest("tr").dataset.entity], cell.ariaLabel);
      return;
    }
    const column = target.closest("[data-column]");
    if (column) {
      const chosen = this.rows.filter((row) => row.querySelector("input[name=entities]").checked);
      const entities = (chosen.length ? chosen : this.rows).map((row) => row.dataset.entity);
      const said = this.root.dataset.saidMany.replace("{right}", column.textContent.trim()).replace("{count}", entities.length);
      this.open(column, column.dataset.column, entities, said);
      return;
    }
    const scope = target.closest("[data-choose]");
    if (scope) this.choose(scope.dataset.choose);
    const unfold = target.closest("[data-unfold]");
    if (unfold) this.unfold(unfold);
  }

  changed(input) {
    if (!input.matches("[data-every]")) return;
    for (const row of this.rows) row.querySelector("input[name=entities]").checked = input.checked;
  }

  open(button, right, entities, title) {
    this.asked = { button, right, entities, column: button.dataset.column !== undefined };
    this.menu.querySelector("[data-menu-title]").textContent = title;
    for (const item of this.menu.querySelectorAll("[data-choose]")) item.ariaChecked = String(item.dataset.choose === button.dataset.scope);
    this.menu.querySelector("[data-choose=inherit]").hidden = entities.join() === "*";
    this.menu.showPopover();
    button.setAttribute("aria-expanded", "true");
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.menu;
    this.menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    this.menu.style.top = `${at.bottom + height + 8 < innerHeight ? at.bottom + 2 : Math.max(8, at.top - height - 2)}px`;
    (this.menu.querySelector("[aria-checked=true]") ?? this.menu.querySelector("[data-choose]")).focus();
  }

  async choose(scope) {
    const { button, right, entities, column } = this.asked;
    this.menu.hidePopover();
    if (!column && scope !== "inherit") {
      const row = button.closest("tr");
      const unfolded = row.nextElementSibling?.matches(".matrix-unfolded");
      await htmx.ajax("POST", this.root.dataset.cell, { target: row, swap: "outerHTML", values: { entity: entities[0], right, scope } });
      const fresh = this.root.querySelector(`tr[data-entity="${CSS.escape(entities[0])}"]`);
      if (unfolded) fresh.querySelector("[data-unfold]").ariaExpanded = "true";
      this.hold(fresh.querySelector(`[data-right="${right}"]`));
      return;
    }
    const values = new FormData();
    for (const entity of entities) values.append("entities", entity);
    values.append("rights", scope === "inherit" ? "" : right);
    values.append("scope", scope);
    const place = this.root.querySelector("#role-matrix").scrollTop;
    await htmx.ajax("POST", this.root.dataset.bulk, { target: "#role-matrix", swap: "outerHTML", values });
    this.root.querySelector("#role-matrix").scrollTop = place;
    const again = column ? `[data-column="${right}"]` : `tr[data-entity="${CSS.escape(entities[0])}"] [data-right="${right}"]`;
    this.root.querySelector(again)?.focus();
  }

  async unfold(button) {
    const row = button.closest("tr");
    const open = row.nextElementSibling?.matches(".matrix-unfolded");
    button.ariaExpanded = String(!open);
    if (open) return row.nextElementSibling.remove();
    const under = document.createElement("tr");
    under.className = "matrix-unfolded";
    const cell = under.insertCell();
    cell.colSpan = row.cells.length;
    row.after(under);
    await htmx.ajax("GET", button.dataset.unfold, { target: cell, swap: "innerHTML" });
  }

  key(event) {
    const cell = event.target.closest("[data-right]");
    const item = event.target.closest("[data-choose]");
    if (item && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const items = [...this.menu.querySelectorAll("[data-choose]")];
      items.at((items.indexOf(item) + (event.key === "ArrowDown" ? 1 : -1)) % items.length).focus();
      return;
    }
    const step = STEPS[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const row = cell.closest("tr");
    const rows = this.rows;
    const cells = [...row.querySelectorAll("[data-right]")];
    const next = rows[rows.indexOf(row) + step[0]]?.querySelectorAll("[data-right]")[cells.indexOf(cell) + step[1]];
    if (next) this.hold(next);
  }
}

export const start = (root) => new Matrix(root);
