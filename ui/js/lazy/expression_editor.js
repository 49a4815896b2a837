/* The expression editor of the studio: completion, faults as one types with a fix to click, conditions as rows, names to put in, trying on
   a record. The server judges and draws all of it, over the draft's model (web/studio/expressions.py). Places are characters there. */
import htmx from "htmx.org";
import { complete } from "./completion.js";

const TYPED = 350;
const ROWS = 200;
const TRIED = 300;
const BASE = "/studio/expression";

const units = (text, characters) => [...text].slice(0, characters).join("").length;

class Editor {
  constructor(root) {
    this.root = root;
    this.text = root.querySelector("[data-expression]");
    this.checked = root.querySelector("[data-checked]");
    this.rows = root.querySelector("[data-rows]");
    this.mirror = root.querySelector("[data-mirror]");
    this.asking = {};
    this.timers = {};
    complete(this.text, null);
    root.querySelector("[data-tools]").hidden = false;
    root.addEventListener("input", (event) => this.typed(event.target));
    root.addEventListener("change", (event) => this.chosen(event.target));
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("scroll", () => (this.mirror.scrollTop = this.text.scrollTop));
    this.text.form?.addEventListener("change", (event) => this.around(event.target));
    this.grow();
    if (this.rows) this.begin();
    if (this.text.value.trim()) this.check();
  }

  input(name) {
    return this.text.form?.elements.namedItem(this.root.dataset[name] ?? "")?.value ?? "";
  }

  context(more = {}) {
    const { entity, context, returns } = this.text.dataset;
    const asked = returns || this.input("returnsFrom");
    return new URLSearchParams({ entity, context, expression: this.text.value, as: this.text.name, returns: asked, choices: this.input("choicesFrom"), ...more });
  }

  /** What the server says to `values`; "" when a newer question of the same `kind` was asked, or it could not answer. */
  async ask(kind, values) {
    this.asking[kind]?.abort();
    const asking = (this.asking[kind] = new AbortController());
    const headers = { "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]')?.content ?? "" };
    try {
      const answer = await fetch(`${BASE}/${kind}`, { method: "POST", headers, body: values, signal: asking.signal });
      return answer.ok && this.root.isConnected ? await answer.text() : "";
    } catch (error) {
      if (error.name !== "AbortError") throw error;
      return "";
    }
  }

  put(target, html, style = "innerHTML") {
    htmx.swap(target, html, { swapStyle: style });
  }

  later(kind, task, wait) {
    clearTimeout(this.timers[kind]);
    this.timers[kind] = setTimeout(() => this.root.isConnected && task(), wait);
  }

  typed(target) {
    if (target === this.text) {
      this.grow();
      this.mark([]);
      this.later("check", () => this.check(), TYPED);
    } else if (target.matches("[data-find]")) this.find(target.value);
    else if (target.closest(".filter-value")) this.later("rows", () => this.write(), ROWS);
  }

  chosen(target) {
    if (target.matches("[data-record]")) this.try();
    else if (target.matches("[data-again]")) this.draw(target);
    else if (target.closest(".filter-value, .filter-join")) this.later("rows", () => this.write(), ROWS);
  }

  /** The type asked for was changed elsewhere in the form. */
  around(target) {
    if ([this.root.dataset.returnsFrom, this.root.dataset.choicesFrom].includes(target.name) && this.text.value.trim()) this.check();
  }

  clicked(event) {
    const on = (selector) => event.target.closest(selector);
    const button = on("button");
    if (!button) return;
    const { dataset } = button;
    if (dataset.fix !== undefined) this.replace(dataset.fix, Number(dataset.start), Number(dataset.end));
    else if (dataset.insert !== undefined) this.insert(dataset.insert);
    else if (dataset.tool) this.toggle(button);
    else if (dataset.mode) this.turn(dataset.mode);
    else if (on("[data-row-add]")) this.add();
    else if (on("[data-row-remove]")) this.remove(button.closest(".filter-row"));
  }

  key(event) {
    if (event.key === "Enter" && event.target.matches(".filter-value input")) {
      event.preventDefault();
      this.write();
    } else if (event.key === "Enter" && event.target.matches("[data-find]")) {
      event.preventDefault();
      this.root.querySelector("[data-name]:not([hidden]) button")?.focus();
    }
  }

  async check() {
    clearTimeout(this.timers.check);
    const html = this.text.value.trim() ? await this.ask("check", this.context()) : "";
    if (!html && this.text.value.trim()) return;
    this.put(this.checked, html);
    if (html) this.root.querySelector(":scope > .invalid-feedback")?.remove(); // of the text as it was sent; said again above if it still holds
    this.mark([...this.checked.querySelectorAll(".expression-fault")]);
    this.later("try", () => this.try(), TRIED);
  }

  /** Underline what is at fault, in a copy of the text below it. */
  mark(faults) {
    const { value } = this.text;
    const wrong = faults.length > 0;
    this.text.classList.toggle("is-invalid", wrong);
    this.text.setAttribute("aria-invalid", String(wrong));
    const parts = [];
    let at = 0;
    for (const fault of faults.sort((one, other) => one.dataset.start - other.dataset.start)) {
      const start = units(value, Number(fault.dataset.start));
      const end = Math.max(units(value, Number(fault.dataset.end)), start + 1);
      if (start < at) continue;
      const mark = document.createElement("mark");
      mark.textContent = value.slice(start, end) || " ";
      parts.push(value.slice(at, start), mark);
      at = end;
    }
    this.mirror.replaceChildren(...parts, value.slice(at));
    this.mirror.scrollTop = this.text.scrollTop;
  }

  replace(text, start, end) {
    const { value } = this.text;
    this.text.focus();
    this.text.setRangeText(text, units(value, start), units(value, end), "preserve");
    this.written();
    if (this.mode === "rows") this.turn("rows");
  }

  /** A name at the caret, set off by spaces; the caret goes between the brackets of a function. */
  insert(name) {
    if (this.mode === "rows") this.turn("text");
    const { value, selectionStart, selectionEnd } = this.text;
    const before = value.slice(0, selectionStart);
    const gap = before && !/[\s(]$/.test(before) ? " " : "";
    this.text.focus();
    this.text.setRangeText(gap + name, selectionStart, selectionEnd, "end");
    if (name.endsWith("()")) this.text.selectionStart = this.text.selectionEnd = this.text.selectionEnd - 1;
    this.written();
  }

  /** The text was changed, and not by typing: others around may want to know, as of any input. */
  written() {
    this.grow();
    this.text.dispatchEvent(new Event("change", { bubbles: true }));
    this.check();
  }

  async toggle(button) {
    const kind = button.dataset.tool;
    const panel = this.root.querySelector(`[data-panel="${kind}"]`);
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    const html = await this.ask(kind, this.context());
    if (!html) return;
    this.put(panel, html);
    panel.querySelector("[data-find]")?.focus();
  }

  async try() {
    const tried = this.root.querySelector("[data-panel=try]:not([hidden]) [data-tried]");
    if (!tried) return;
    const html = await this.ask("try", this.context({ part: "result", record: this.root.querySelector("[data-record]")?.value ?? "" }));
    if (html && tried.isConnected) this.put(tried, html);
  }

  find(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    for (const name of this.root.querySelectorAll("[data-name]")) {
      const said = name.textContent.toLowerCase();
      name.hidden = !wanted.every((word) => said.includes(word));
    }
    for (const group of this.root.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("[data-name]:not([hidden])");
    this.root.querySelector("[data-nothing]").hidden = Boolean(this.root.querySelector("[data-name]:not([hidden])"));
  }

  /** Rows first, unless the text says more than rows can. */
  async begin() {
    this.root.querySelector("[data-modes]").hidden = false;
    await this.turn("rows", false);
  }

  async turn(mode, asked = true) {
    const turn = (this.turns = (this.turns ?? 0) + 1); // who turns again before the rows are there has the last word
    if (mode === "rows") {
      const html = await this.ask("rows", this.context());
      if (turn !== this.turns) return;
      if (!html) return;
      this.put(this.rows, html);
      if (this.rows.querySelector("[data-by-hand]") && !asked) mode = "text";
    }
    this.mode = mode;
    if (mode === "text") this.rows.replaceChildren();
    this.rows.hidden = mode === "text";
    this.root.querySelector("[data-text]").hidden = mode === "rows";
    for (const button of this.root.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    if (mode === "text" && asked) this.text.focus();
    if (mode === "text") this.grow();
    this.says();
  }

  says() {
    const says = this.rows?.querySelector("[data-says]");
    if (!says) return;
    says.textContent = this.text.value;
    says.hidden = !this.text.value.trim();
  }

  values() {
    const sent = this.context();
    for (const input of this.rows.querySelectorAll("[name]")) {
      const chosen = input.multiple ? [...input.selectedOptions].map((option) => option.value) : [input.value];
      for (const value of chosen) sent.append(input.name, value);
    }
    return sent;
  }

  /** Rows → text. */
  async write() {
    clearTimeout(this.timers.rows);
    const sent = this.values();
    sent.set("part", "text");
    const answer = await this.ask("rows", sent);
    if (!answer) return;
    this.text.value = JSON.parse(answer).expression;
    this.says();
    this.written();
  }

  /** The row of `control` anew: another field has other comparisons, another comparison another value. */
  async draw(control) {
    const row = control.closest(".filter-row");
    const sent = this.values();
    sent.set("part", "row");
    sent.set("at", row.dataset.at);
    const html = await this.ask("rows", sent);
    if (!html) return;
    const { at } = row.dataset;
    this.put(row, html, "outerHTML");
    const drawn = this.rows.querySelector(`[data-at="${at}"]`);
    const next = control.matches(".filter-comparison") ? ".filter-value select, .filter-value input" : ".filter-comparison";
    this.focus(drawn?.querySelector(next) ?? drawn?.querySelector(".filter-comparison"));
    this.write();
  }

  async add() {
    const sent = this.values();
    sent.set("part", "row");
    const html = await this.ask("rows", sent);
    if (!html) return;
    this.put(this.rows.querySelector("[data-row-list]"), html, "beforeend");
    this.focus(this.rows.querySelector(".filter-row:last-child select"));
  }

  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.focus(next?.querySelector("[data-row-remove]") ?? this.rows.querySelector("[data-row-add]"));
    this.write();
  }

  /** A picker may be drawn over a select by now, or will take the focus over. */
  focus(control) {
    if (control?.tomselect) control.tomselect.focus();
    else control?.focus();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.max(this.text.scrollHeight + 2, 20 * this.text.rows + 14)}px`;
  }
}

export function edit(root) {
  new Editor(root);
}
