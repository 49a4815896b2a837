/* The editor of a view: a column that is chosen stands in the list at once, an unticked one leaves it, and the preview follows. */
const TYPED = 400;

class Editor {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector("#view-columns");
    this.add = form.querySelector('select[name="add"]');
    form.querySelector("[data-add]").hidden = true;
    this.add.addEventListener("change", () => this.added());
    this.list.addEventListener("change", (event) => event.target.checked || this.left(event.target));
    this.list.addEventListener("sorted", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("input", (event) => event.target.matches("textarea") && this.changed());
  }

  paths() {
    return [...this.list.querySelectorAll('[name="columns"]')].map((input) => input.value);
  }

  added() {
    const path = this.add.value;
    if (!path) return;
    const label = this.add.selectedOptions[0].textContent;
    if (!this.paths().includes(path)) this.list.append(this.column(path, label));
    if (this.add.tomselect) this.add.tomselect.clear(true);
    else this.add.value = "";
  }

  column(path, label) {
    const made = document.getElementById("view-column").content.firstElementChild.cloneNode(true);
    const input = made.querySelector("input");
    const handle = made.querySelector("[data-handle]");
    made.dataset.item = input.value = path;
    made.dataset.label = made.querySelector("span").textContent = label;
    handle.setAttribute("aria-label", `${handle.getAttribute("aria-label")}${label}`);
    return made;
  }

  left(input) {
    const item = input.closest("li");
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("input") ?? this.add;
    item.remove();
    next.focus();
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => document.getElementById("view-preview")?.dispatchEvent(new CustomEvent("view-changed")), TYPED);
  }
}

export function start(form) {
  new Editor(form);
}
