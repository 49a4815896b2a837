/* Forms follow their rules while one types: the server says what is shown, required, locked, can be chosen, and what is computed; here it is put
   into the page. The field that has the focus is left alone until it is left; what the person set is never overwritten. */
import { mount } from "./mount.js";

const TYPING_MS = 300;
const CHOSEN_MS = 30;
const MOST_ROUNDS = 3; // a field shown again brings its text along, which may decide about another

const words = (text) => new Set(text.split(" ").filter(Boolean));

class Following {
  constructor(form) {
    this.form = form;
    this.watched = words(form.dataset.watch);
    this.untouched = words(form.elements["form.untouched"]?.value ?? "");
    this.answer = null;
    this.rounds = 0;
    this.changed = new Set();
    this.typedBefore = new Map(); // what the person had set in a field before it was locked
    this.outOfReach = new Map(); // what was chosen before it no longer fitted, should it fit again
    this.cleared = new Set();
    form.addEventListener("input", (event) => this.typed(event, TYPING_MS));
    form.addEventListener("change", (event) => this.typed(event, CHOSEN_MS));
    form.addEventListener("focusout", (event) => this.left(event));
    form.addEventListener("submit", () => this.stop());
  }

  typed(event, wait) {
    const name = this.fieldOf(event.target)?.dataset.field;
    if (!name || !event.target.name) return; // the search words of a picker are no value
    this.touch(name);
    this.changed.add(name);
    this.outOfReach.delete(name);
    if (!this.watched.has(name)) return;
    this.rounds = 0;
    this.ask(wait);
  }

  /** What was put off while a field had the focus is done now. */
  left(event) {
    const field = this.fieldOf(event.target);
    if (!field || field.contains(event.relatedTarget) || !this.answer) return;
    queueMicrotask(() => {
      if (!this.form.isConnected) return;
      const before = this.looks();
      if (this.apply(field.dataset.field)) this.ask(0);
      this.say(before);
    });
  }

  stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  ask(wait) {
    this.stop();
    this.timer = setTimeout(() => this.fetch(), wait);
  }

  async fetch() {
    const asking = (this.asking = new AbortController());
    this.changed.clear();
    this.busy(true);
    const held = [...new FormData(this.form)].filter(([, value]) => typeof value === "string");
    try {
      const answer = await fetch(this.form.dataset.follow, { method: "POST", body: new URLSearchParams(held), signal: asking.signal, redirect: "error", headers: { Accept: "application/json" } });
      if (!answer.ok || asking.signal.aborted || !this.form.isConnected) return;
      this.answer = await answer.json();
      if (!asking.signal.aborted) this.applyAll();
    } catch {
      return; // a newer question, or no server: the form stays as it is, and the save checks again
    } finally {
      if (this.asking === asking) this.busy(false);
    }
  }

  busy(now) {
    for (const output of this.form.querySelectorAll("output.computed")) output.toggleAttribute("data-asking", now);
  }

  applyAll() {
    const before = this.looks();
    const opened = Object.keys({ ...this.answer.choices, ...this.answer.fields, ...this.answer.values }).map((name) => this.apply(name));
    for (const [name, html] of Object.entries(this.answer.outputs)) put(this.form.querySelector(`output[id="${name}"]`), html);
    this.sections();
    this.say(before);
    if (opened.some(Boolean) && this.rounds++ < MOST_ROUNDS) this.ask(0);
  }

  /** True when a field that holds something takes part again. */
  apply(name) {
    const field = this.form.querySelector(`[data-field="${name}"]`);
    if (!field || field.contains(document.activeElement)) return false;
    const state = this.answer.fields[name];
    const was = field.disabled;
    const wasLocked = was && !field.hidden;
    if (state?.locked && !was && !this.untouched.has(name)) this.typedBefore.set(name, { texts: textsOf(field, name), options: [] });
    if (state) show(field, state);
    const turned = this.narrow(field, name);
    const value = this.answer.values[name];
    if (value && !this.changed.has(name) && (state?.locked || this.untouched.has(name))) fill(field, name, value);
    else if (wasLocked && !field.disabled) this.restore(field, name);
    this.sections();
    return (was && !field.disabled && holds(field)) || turned;
  }

  /** Offer what can be chosen now. True when that changed what is chosen. */
  narrow(field, name) {
    const choices = this.answer.choices[name];
    const select = choices && field.querySelector(`select[name="${name}"]`);
    if (!select) return false;
    const had = chosen(select);
    const wanted = had.length ? had : this.outOfReach.get(name) ?? [];
    const kept = wanted.filter((value) => choices.some((choice) => choice.value === value));
    offer(select, choices, kept);
    if (kept.length === had.length) return false;
    if (kept.length < had.length) {
      this.outOfReach.set(name, had);
      this.cleared.add(field);
    } else this.outOfReach.delete(name);
    return this.watched.has(name);
  }

  restore(field, name) {
    const kept = this.typedBefore.get(name);
    if (kept) fill(field, name, kept);
    this.typedBefore.delete(name);
  }

  sections() {
    for (const section of this.form.querySelectorAll(".form-section")) section.hidden = !section.querySelector("[data-field]:not([hidden])");
    for (const part of this.form.querySelectorAll("[data-part]")) part.hidden = this.answer?.parts[part.dataset.part] === false;
    this.form.dispatchEvent(new Event("sections"));
  }

  looks() {
    return new Map([...this.form.querySelectorAll("[data-field]")].map((field) => [field, { hidden: field.hidden, required: required(field) }]));
  }

  /** One short sentence of each kind, for screen readers. */
  say(before) {
    const shown = [], hidden = [], demanded = [], cleared = [...this.cleared];
    this.cleared.clear();
    for (const [field, was] of before) {
      if (field.hidden !== was.hidden) (field.hidden ? hidden : shown).push(field);
      else if (!field.hidden && required(field) && !was.required) demanded.push(field);
    }
    const said = [["shown", shown], ["hidden", hidden], ["required", demanded], ["cleared", cleared]].filter(([, fields]) => fields.length);
    if (said.length) this.form.querySelector("[data-said]").textContent = said.map(([kind, fields]) => this.form.dataset[kind].replace("{names}", fields.map(label).join(", "))).join(". ");
  }

  touch(name) {
    if (!this.untouched.delete(name)) return;
    for (const list of [this.form.elements["form.untouched"], this.form.elements["form.unfilled"]]) list.value = [...words(list.value)].filter((other) => other !== name).join(" ");
  }

  fieldOf(element) {
    return element.closest("[data-field]");
  }
}

const caption = (field) => field.querySelector("[data-label]");
const label = (field) => caption(field).textContent.trim();
const required = (field) => caption(field).classList.contains("required");
const holds = (field) => [...field.querySelectorAll("input:not([type=hidden]), textarea, select")].some((input) => (input.type === "checkbox" ? input.checked : input.value));

function show(field, state) {
  const off = !state.visible || state.locked;
  field.hidden = !state.visible;
  field.disabled = off;
  for (const select of field.querySelectorAll("select.tomselected")) switchPicker(select, off);
  if (!field.querySelector(".form-check-label[data-label]")) caption(field).classList.toggle("required", state.required);
  const main = field.querySelector(`[id="${field.dataset.field}"]`);
  if (main && "required" in main) main.required = state.required;
  const note = field.querySelector("[data-note]");
  if (note) {
    note.hidden = !state.locked;
    note.querySelector("span").textContent = state.note;
  }
}

function switchPicker(select, off) {
  if (off) select.tomselect.disable();
  else select.tomselect.enable();
  select.disabled = false; // what is sent, the field set says
}

function put(output, html) {
  if (output && output.innerHTML !== html) output.innerHTML = html;
}

const chosen = (select) => [...select.selectedOptions].map((option) => option.value).filter(Boolean);

/** The values a select offers from now on, `kept` of them chosen. */
function offer(select, choices, kept) {
  const picker = select.tomselect;
  const now = picker ? Object.values(picker.options).sort((one, other) => one.$order - other.$order).map((option) => String(option.value)) : [...select.options].map((option) => option.value);
  const same = now.filter(Boolean).join(" ") === choices.map((choice) => choice.value).join(" ");
  if (same && kept.join(" ") === chosen(select).join(" ")) return;
  if (picker) {
    picker.clear(true);
    picker.clearOptions(() => false);
    picker.addOptions(choices);
    picker.setValue(kept, true);
    return;
  }
  const blank = [...select.options].filter((option) => !option.value);
  select.replaceChildren(...blank, ...choices.map(({ value, text }) => new Option(text, value, false, kept.includes(value))));
  if (!kept.length) select.value = "";
}

/** The inputs of a field that can be filled, by part. */
function partsOf(field, name) {
  const inputs = [...field.querySelectorAll("input, textarea, select")].filter((input) => input.type !== "file" && input.type !== "hidden");
  return inputs.filter((input) => input.name === name || input.name.startsWith(`${name}.`)).map((input) => [input.name.slice(name.length + 1), input]);
}

function textsOf(field, name) {
  return Object.fromEntries(partsOf(field, name).map(([part, input]) => [part, textOf(input)]));
}

function textOf(input) {
  if (input.tomselect) return [input.tomselect.getValue()].flat(); // a copy: it hands out its own list
  return input.type === "checkbox" ? (input.checked ? "1" : "") : input.value;
}

/** The texts of a value into the inputs of a field, silently. */
function fill(field, name, { texts, options }) {
  for (const [part, input] of partsOf(field, name)) {
    const text = texts[part] ?? "";
    if (input.tomselect) choose(input.tomselect, text, options);
    else if (input.type === "checkbox") input.checked = text === "1";
    else if (!(part === "currency" && !text) && input.value !== text) input.value = text;
  }
}

function choose(picker, text, options) {
  for (const option of options) picker.addOption(option);
  picker.setValue(text, true);
}

mount("form[data-follow]", (form) => new Following(form));
