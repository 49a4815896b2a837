/* The filter builder: its rows write the expression and follow it when it is edited by hand. The server does both (web/screens_filter.py). */
import htmx from "htmx.org";
import { complete } from "./completion.js";

const TYPED = 250;
const EDITED = 600;
const LEFT = 250;

class Bar {
  constructor(form) {
    this.form = form;
    this.text = form.querySelector("[data-expression]");
    this.timer = 0;
    this.asking = new AbortController();
    complete(this.text, () => form.querySelector(".filter-actions button").click());
    form.addEventListener("input", (event) => this.typed(event.target));
    form.addEventListener("change", (event) => this.typed(event.target));
    form.addEventListener("click", (event) => this.clicked(event));
    form.addEventListener("htmx:afterSettle", (event) => this.swapped(event));
    form.addEventListener("focusout", (event) => this.left(event));
    this.grow();
    const begun = this.text.value !== "" && form.querySelector("[data-filter-add]");
    this.focus(this.text.matches(".is-invalid") ? this.text : begun || form.querySelector(".filter-row select") || this.text);
  }

  get path() {
    return new URL(this.form.action).pathname;
  }

  rows() {
    const held = [...new FormData(this.form)].filter(([name]) => name.startsWith("f.") && name !== "f.was");
    return new URLSearchParams(held);
  }

  typed(target) {
    if (target === this.text) {
      this.form.noValidate = true;
      this.grow();
      this.edited = true;
      this.later(() => this.judge(), EDITED);
    } else if (target.matches(".filter-value *, #filter-join")) {
      this.later(() => this.write(), TYPED);
    }
  }

  /** The rows follow when the text is left, so that nothing moves while somebody types. */
  left(event) {
    if (event.target !== this.text || !this.edited || event.relatedTarget?.closest(".filter-actions")) return;
    this.later(() => this.follow(), LEFT);
  }

  later(task, wait) {
    clearTimeout(this.timer);
    this.asking.abort();
    this.timer = setTimeout(task, wait);
  }

  /** Rows → text. */
  async write() {
    clearTimeout(this.timer);
    this.asking.abort();
    const asking = (this.asking = new AbortController());
    const params = this.rows();
    params.set("part", "text");
    try {
      const answer = await fetch(`${this.path}?${params}`, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (answer.ok) this.written((await answer.json()).filter);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  written(filter) {
    if (!this.form.isConnected) return;
    this.edited = false;
    this.form.noValidate = false;
    this.text.value = filter;
    this.form.querySelector('[name="f.was"]').value = filter;
    document.getElementById("filter-faults").replaceChildren();
    this.mark();
    this.grow();
  }

  /** What is wrong with the text. */
  judge() {
    this.ask({ part: "faults", filter: this.text.value }, "#filter-faults");
  }

  /** Text → rows. */
  follow() {
    this.edited = false;
    this.judge();
    this.ask({ part: "rows", filter: this.text.value }, "#filter-build");
  }

  ask(params, target, swap = "outerHTML") {
    if (this.form.isConnected) htmx.ajax("GET", `${this.path}?${new URLSearchParams(params)}`, { target, swap });
  }

  mark() {
    const wrong = document.getElementById("filter-faults").childElementCount > 0;
    this.text.classList.toggle("is-invalid", wrong);
    this.text.setAttribute("aria-invalid", String(wrong));
  }

  clicked(event) {
    const remove = event.target.closest(".filter-remove");
    const add = event.target.closest("[data-filter-add]");
    if (!remove && !add) return;
    event.preventDefault();
    if (remove) {
      const row = remove.closest(".filter-row");
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      this.focus(next?.querySelector(".filter-remove") ?? this.form.querySelector("[data-filter-add]"));
      this.write();
    } else {
      const params = this.rows();
      params.set("part", "row");
      this.ask(params, "#filter-rows", "beforeend");
    }
  }

  /** After a row came from the server: on to what is to be filled in next. */
  swapped(event) {
    const asked = event.detail.requestConfig;
    const part = new URL(asked.path, location.href).searchParams.get("part");
    if (part === "faults") this.mark();
    if (part !== "row") return;
    const changed = asked.triggeringEvent?.target?.name ?? "";
    const number = changed.split(".")[1];
    const row = this.form.querySelector(`[name="f.${number}.field"]`)?.closest(".filter-row") ?? this.form.querySelector(".filter-row:last-child");
    const next = changed.endsWith(".op") ? ".filter-value select, .filter-value input" : ".filter-comparison";
    this.focus(row?.querySelector(next) ?? row?.querySelector(changed ? ".filter-comparison" : "select"));
    if (changed) this.write();
  }

  /** A picker may be drawn over a select by now, or will take the focus over. */
  focus(control) {
    if (control?.tomselect) control.tomselect.focus();
    else control?.focus();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
  }
}

export function start(section) {
  new Bar(section.querySelector("form"));
}
