/* Pickers: Tom Select over a plain select, fetched only where one is on the page; lookups ask the server while one types. */
import { mount } from "./mount.js";

async function asked(source, words) {
  const separator = source.includes("?") ? "&" : "?";
  const answer = await fetch(`${source}${separator}${new URLSearchParams({ q: words })}`, { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).items : [];
}

function row(data, escape) {
  return `<div class="option"><span>${escape(data.text)}</span>${data.note ? ` <small class="muted">${escape(data.note)}</small>` : ""}</div>`;
}

function settings(select) {
  const cross = { title: select.dataset.remove ?? "", tabindex: -1 }; // for the mouse; by keyboard it is Backspace
  const plugins = select.multiple ? { remove_button: cross } : { clear_button: cross };
  const refreshThrottle = 0; // with a wait, Enter right after typing would take what stood first before
  const common = { plugins, maxOptions: 300, refreshThrottle, render: { option: row, no_results: (_data, escape) => `<div class="no-results">${escape(select.dataset.none ?? "–")}</div>` } };
  if (!select.dataset.source) return common;
  return {
    ...common,
    valueField: "value",
    labelField: "text",
    searchField: [],
    preload: "focus",
    loadThrottle: 200,
    sortField: "text",
    score: () => () => 1,
    load(words, done) {
      this.clearOptions((option) => this.items.includes(String(option.value)));
      asked(select.dataset.source, words).then(done, () => done([]));
    },
    shouldLoad: () => true,
  };
}

mount("select[data-picker]", async (select) => {
  const { default: TomSelect } = await import("tom-select");
  if (!select.isConnected || select.tomselect) return;
  const wrong = select.classList.contains("is-invalid");
  const focused = document.activeElement === select;
  const picker = new TomSelect(select, settings(select));
  picker.wrapper.classList.toggle("is-invalid", wrong);
  select.setAttribute("aria-hidden", "true");
  for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
    const value = select.getAttribute(name);
    if (value) picker.control_input.setAttribute(name, value);
  }
  if (select.matches(":disabled")) {
    picker.disable();
    select.disabled = false; // the field set round it says that
  }
  if (focused) picker.focus();
});
