/* The layout editor (studio/layout_desk.html): what was dragged is posted at once; the answer is the editor anew, put in piece by piece so
   that focus and scroll stay. One listener each on the document: the editor's element lives through the swaps, its parts do not. */
import htmx from "htmx.org";

class Editor {
  constructor(element) {
    this.element = element;
    element.addEventListener("sorted", (event) => this.sorted(event.detail));
    element.addEventListener("change", (event) => this.changed(event));
    element.addEventListener("input", (event) => event.target.dataset?.find && this.find(event.target));
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("htmx:beforeRequest", (event) => this.sends(event) && this.say("saving"));
    element.addEventListener("htmx:sendError", () => this.say("lost"));
    element.addEventListener("htmx:timeout", () => this.say("lost"));
    element.addEventListener("htmx:afterSwap", () => this.mark());
    this.mark();
  }

  sends(event) {
    return event.detail.requestConfig?.verb === "post";
  }

  say(state) {
    const text = this.element.querySelector("[data-state]");
    if (text) text.textContent = this.element.dataset[state] ?? "";
  }

  sorted({ item, list, from, after, element }) {
    const group = element.parentElement.dataset.group;
    if (group === "fields" && list === "palette" && from === "palette") return; // unused fields have no order
    const handle = element.querySelector("[data-handle]");
    this.refocus = document.activeElement === handle ? element.id : "";
    this.post({ do: "move", group, item, list, after });
  }

  post(values) {
    const form = this.element.querySelector("#layout-form");
    const held = Object.fromEntries(new FormData(form));
    htmx.ajax("POST", this.element.dataset.action, { source: form, target: "#layout-editor", swap: "morph:outerHTML", values: { ...held, ...values } });
  }

  changed(event) {
    if (event.target.dataset?.auto !== undefined) event.target.form?.requestSubmit();
  }

  find(input) {
    const words = input.value.trim().toLowerCase();
    for (const item of this.element.querySelectorAll(`${input.dataset.find} > [data-item]`)) item.hidden = !item.textContent.toLowerCase().includes(words);
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input:not([type=radio], [type=checkbox]), textarea")) return;
    event.preventDefault();
    this.element.querySelector(event.shiftKey ? "[data-redo]" : "[data-undo]")?.click();
  }

  /** What the side panel is about stands out on the canvas. */
  mark() {
    const at = this.element.querySelector("[data-at]")?.value ?? "";
    for (const link of this.element.querySelectorAll("[data-choose]")) {
      const chosen = link.dataset.choose === at && at !== "";
      const part = link.closest("[data-item], .canvas-tab-head");
      part?.classList.toggle("canvas-chosen", chosen);
      if (chosen && this.shown !== at) part?.scrollIntoView({ block: "nearest" }); // a new one may stand below what is seen
      link.toggleAttribute("aria-current", chosen);
    }
    this.shown = at;
    const find = this.element.querySelector("[data-find]");
    if (find?.value) this.find(find);
    if (this.refocus) document.getElementById(this.refocus)?.querySelector("[data-handle]")?.focus();
    this.refocus = "";
  }
}

export function layoutEditor(element) {
  if (element.fieldsmithEditor) {
    element.fieldsmithEditor.mark();
    return;
  }
  element.fieldsmithEditor = new Editor(element);
}

document.addEventListener("htmx:afterRequest", (event) => {
  const editor = document.querySelector("[data-layout-editor]")?.fieldsmithEditor;
  if (!editor || !editor.sends(event)) return;
  const target = event.detail.target?.id;
  if (target === "layout-editor" && event.detail.successful) editor.say("saved");
});
