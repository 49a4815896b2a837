/* Entity pages of the studio: names proposed as one types, the quick row for fields, icons to choose from. */
import { mount } from "./mount.js";

/* A form whose label proposes a technical name and a plural, until those are typed by hand. */
mount("form[data-names-from]", (form) => {
  const label = form.elements.label;
  const proposed = [...form.querySelectorAll("[data-proposed]")];
  const propose = async () => {
    const address = new URL(form.dataset.namesFrom, location.href);
    address.searchParams.set("label", label.value);
    const answer = await fetch(address);
    return answer.ok ? answer.json() : {};
  };
  for (const input of proposed) {
    input.dataset.typed = input.value ? "1" : "";
    input.addEventListener("input", () => (input.dataset.typed = input.value ? "1" : ""));
  }
  /* A form that came back with its errors: what was proposed then goes on following the label. */
  if (label?.value && proposed.some((input) => input.value))
    propose().then((found) => proposed.filter((input) => input.value === found[input.dataset.proposed]).forEach((input) => (input.dataset.typed = "")));
  let waiting;
  label?.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const found = await propose();
      for (const input of proposed) if (!input.dataset.typed) input.value = found[input.dataset.proposed] ?? input.value;
    }, 150);
  });
});

/* The third input of the quick row is there only for types that need it. */
mount("[data-quick-row]", (row) => {
  const type = row.querySelector("select");
  const part = row.querySelector("[data-quick-detail]");
  const detail = part.querySelector("input");
  const lists = [...part.querySelectorAll("datalist")];
  const follow = () => {
    const wanted = type.selectedOptions[0]?.dataset.detail ?? "";
    part.hidden = !wanted;
    delete part.dataset.spare;
    detail.disabled = !wanted;
    detail.placeholder = wanted ? (detail.dataset[wanted] ?? "") : "";
    const list = lists.find((each) => each.dataset.known === wanted);
    if (list) detail.setAttribute("list", list.id);
  };
  type.addEventListener("change", follow);
  follow();
  const first = row.querySelector("[data-focus]");
  if (first && !row.querySelector(".is-invalid")) first.focus();
});

/* On the page of a new entity the quick row writes a line into the text of several. */
mount("[data-quick-lines]", (section) => {
  const lines = section.querySelector("textarea");
  const row = section.querySelector("[data-quick-row]");
  const [label, detail] = row.querySelectorAll("input");
  const type = row.querySelector("select");
  const button = section.querySelector("[data-quick-add]");
  const add = () => {
    if (!label.value.trim()) return label.focus();
    const line = [label.value.trim(), type.selectedOptions[0].text, detail.disabled ? "" : detail.value.trim()].filter(Boolean).join(": ");
    lines.value = `${lines.value.trimEnd()}\n${line}`.trimStart();
    label.value = detail.value = "";
    label.focus();
  };
  button.hidden = false;
  button.addEventListener("click", add);
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input, select") || !label.value.trim()) return;
    event.preventDefault();
    add();
  });
});

/* Icons by name, each with its picture. */
mount("select[data-icons]", async (select) => {
  const { default: TomSelect } = await import("tom-select");
  if (!select.isConnected || select.tomselect) return;
  const picture = (data, escape) => `<div class="option icon-option"><svg class="icon" aria-hidden="true"><use href="${escape(select.dataset.icons)}#${escape(data.text)}"></use></svg><span>${escape(data.text)}</span></div>`;
  new TomSelect(select, { maxOptions: 400, refreshThrottle: 0, render: { option: picture, item: picture } });
  select.setAttribute("aria-hidden", "true");
});
