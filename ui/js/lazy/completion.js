/* Completion for a text that holds an expression: names, functions and choices for where the cursor stands, asked of the server.
   Arrow keys walk, Enter or Tab takes, Escape closes, Ctrl-Space opens. Places are characters there and UTF-16 units here. */
const WAIT = 120;
let made = 0;

const before = (text, units) => [...text.slice(0, units)].length;
const units = (text, characters) => [...text].slice(0, characters).join("").length;

function element(name, className, content) {
  const made = document.createElement(name);
  made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

class Completion {
  constructor(text, submit) {
    this.text = text;
    this.submit = submit;
    this.items = [];
    this.at = -1;
    this.asking = new AbortController();
    this.box = element("div", "menu complete-box");
    this.list = element("div", "complete-list");
    this.list.id = `complete-${(made += 1)}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", text.dataset.suggestions ?? "");
    this.help = element("div", "complete-help");
    this.said = element("div", "visually-hidden");
    this.said.setAttribute("role", "status");
    this.box.append(this.help, this.list);
    this.box.hidden = this.help.hidden = true;
    text.after(this.box, this.said);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-haspopup", "listbox"], ["aria-controls", this.list.id], ["aria-expanded", "false"]]) text.setAttribute(name, value);
    text.addEventListener("input", () => this.soon());
    text.addEventListener("keydown", (event) => this.key(event));
    text.addEventListener("blur", () => this.close());
    text.addEventListener("click", () => this.close());
    this.box.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.at));
    });
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(false), WAIT);
  }

  async ask(wanted) {
    this.asking.abort();
    const asking = (this.asking = new AbortController());
    const { value, selectionEnd } = this.text;
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]')?.content ?? "" };
    const body = JSON.stringify({ entity: this.text.dataset.entity, expression: value, position: before(value, selectionEnd), context: this.text.dataset.context ?? "filter" });
    try {
      const answer = await fetch(this.text.dataset.complete ?? "/api/v1/expressions/complete", { method: "POST", headers, body, signal: asking.signal });
      if (answer.ok && this.text.value === value && document.activeElement === this.text) this.show(await answer.json(), wanted);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  /** Opens by itself only where something is begun, or where a choice is to be made. */
  show({ items, signature }, wanted) {
    const value = this.text.value;
    const typed = (item) => value.slice(units(value, item.start), units(value, item.end));
    const begun = items.filter((item) => item.end > item.start || item.kind === "choice" || item.kind === "part" || wanted || value.endsWith("."));
    const done = begun.length === 1 && typed(begun[0]) === begun[0].text;
    this.items = done ? [] : begun.slice(0, 50);
    this.help.hidden = !signature;
    if (signature) this.sign(signature);
    this.draw();
  }

  sign({ name, parameters, parameter, help }) {
    const parts = parameters.flatMap((each, at) => [at ? ", " : "", at === parameter ? element("strong", "", each) : each]);
    const line = element("code", "");
    line.append(`${name}(`, ...parts, ")");
    this.help.replaceChildren(line, ...(help ? [element("span", "muted", help)] : []));
  }

  draw() {
    this.list.replaceChildren(...this.items.map((item, at) => this.option(item, at)));
    this.box.hidden = !this.items.length && this.help.hidden;
    this.text.setAttribute("aria-expanded", String(this.items.length > 0));
    this.said.textContent = this.items.length ? (this.text.dataset.said ?? "{number}").replace("{number}", this.items.length) : "";
    this.go(this.items.length ? 0 : -1);
  }

  option(item, at) {
    const row = element("div", "menu-item complete-item");
    row.id = `${this.list.id}-${at}`;
    row.dataset.at = at;
    row.setAttribute("role", "option");
    row.append(element("code", "", item.text), element("span", "truncate", item.label === item.text ? "" : item.label), element("small", "muted", item.kind === "function" ? "" : item.detail));
    return row;
  }

  go(at) {
    this.at = at;
    [...this.list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    const chosen = this.list.children[at];
    if (chosen) this.text.setAttribute("aria-activedescendant", chosen.id);
    else this.text.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  take(at) {
    const item = this.items[at];
    const { value } = this.text;
    this.text.setRangeText(item.text, units(value, item.start), units(value, item.end), "end");
    this.close();
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.asking.abort();
    this.items = [];
    this.help.hidden = true;
    this.draw();
  }

  key(event) {
    const open = this.items.length > 0;
    const { key } = event;
    if (key === " " && event.ctrlKey) this.ask(true);
    else if (open && key === "ArrowDown") this.go((this.at + 1) % this.items.length);
    else if (open && key === "ArrowUp") this.go((this.at - 1 + this.items.length) % this.items.length);
    else if (open && (key === "Enter" || key === "Tab") && !event.shiftKey) this.take(this.at);
    else if (key === "Escape" && (open || !this.help.hidden)) this.close();
    else if (key === "Enter" && this.submit && !event.shiftKey && !event.isComposing) this.submit();
    else {
      if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) this.close();
      return;
    }
    event.preventDefault();
  }
}

/** `submit` is what Enter does while nothing is offered, null where it begins a new line as Shift-Enter does. */
export function complete(text, submit) {
  new Completion(text, submit);
}
