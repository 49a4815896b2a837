/* Lists whose items are dragged: mouse and touch by SortableJS, the keyboard by us.

   <ul data-sortable data-group="fields" data-list="section_1" data-url="/…/move" data-said-held="…" data-said-moved="…" data-said-put="…" data-said-back="…">
     <li data-item="amount"><button type="button" class="sort-handle" data-handle aria-label="Move Amount">…</button> …</li>

   Lists of one group exchange items. After a move a bubbling `sorted` event tells {item, list, from, after, before, undo} (names; "" for the first place);
   when `data-url` is there it is posted as item, list, from, after with the form token, and the answer goes where htmx headers say (data-target, else nothing).
   Keyboard: Space or Enter on the handle takes the item up, arrows move it (up/down in its list, left/right to the neighbouring list of the
   group), Space or Enter puts it down, Escape puts it back. What happens is said in a live region. */
import htmx from "htmx.org";
import Sortable from "sortablejs";

const lists = (group) => [...document.querySelectorAll("[data-sortable]")].filter((list) => list.dataset.group === group);
const items = (list) => [...list.children].filter((item) => item.dataset.item !== undefined);
const place = (item) => ({ parent: item.parentElement, next: item.nextElementSibling });
const armed = new WeakSet(); // not an attribute: a morphing swap would take it away
let voice;

function say(text) {
  if (!voice?.isConnected) {
    voice = document.createElement("div");
    voice.className = "visually-hidden";
    voice.setAttribute("role", "status");
    document.body.append(voice);
  }
  voice.textContent = text;
}

function said(list, key, item) {
  const name = item.dataset.label ?? item.textContent.trim().slice(0, 60);
  const row = items(item.parentElement);
  const text = list.dataset[key] ?? "";
  say(text.replace("{item}", name).replace("{place}", String(row.indexOf(item) + 1)).replace("{count}", String(row.length)).replace("{list}", item.parentElement.dataset.label ?? ""));
}

function tell(item, from) {
  const list = item.parentElement;
  if (list === from.parent && item.nextElementSibling === from.next) return;
  const row = items(list);
  const at = row.indexOf(item);
  const undo = () => from.parent.insertBefore(item, from.next);
  const detail = { item: item.dataset.item, list: list.dataset.list ?? "", from: from.parent.dataset.list ?? "", after: row[at - 1]?.dataset.item ?? "", before: row[at + 1]?.dataset.item ?? "", element: item, undo };
  const going = list.dispatchEvent(new CustomEvent("sorted", { bubbles: true, cancelable: true, detail }));
  const url = list.dataset.url;
  if (!going || !url) return;
  const values = { item: detail.item, list: detail.list, from: detail.from, after: detail.after, csrf_token: document.querySelector('meta[name="csrf-token"]')?.content ?? "" };
  htmx.ajax("POST", url, { source: list, target: list.dataset.target ?? "#page", swap: list.dataset.target ? "outerHTML" : "none", values });
}

class Keyboard {
  constructor(list, handle) {
    this.list = list;
    this.handle = handle;
    this.item = handle.closest("[data-item]");
    this.from = null;
    handle.setAttribute("aria-pressed", "false");
    handle.addEventListener("keydown", (event) => this.key(event));
    handle.addEventListener("blur", () => this.from && !this.moving && this.put());
  }

  key(event) {
    const grab = event.key === " " || event.key === "Enter";
    if (!this.from && !grab) return;
    const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    if (grab) this.from ? this.put() : this.take();
    else if (event.key === "Escape") this.back();
    else if (steps[event.key]) this.move(...steps[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take() {
    this.from = place(this.item);
    this.mark(true);
    said(this.list, "saidHeld", this.item);
  }

  mark(held) {
    this.handle.setAttribute("aria-pressed", String(held));
    this.item.classList.toggle("sort-held", held);
  }

  move(across, along) {
    const here = this.item.parentElement;
    if (along) {
      const row = items(here);
      const at = row.indexOf(this.item) + along;
      if (at < 0 || at >= row.length) return;
      this.insert(here, along < 0 ? row[at] : row[at].nextElementSibling);
    } else {
      const all = lists(here.dataset.group);
      const other = all[all.indexOf(here) + across];
      if (!other) return;
      this.insert(other, items(other)[items(here).indexOf(this.item)] ?? null);
    }
    said(this.list, "saidMoved", this.item);
  }

  insert(list, before) {
    this.moving = true;
    list.insertBefore(this.item, before);
    this.handle.focus();
    this.moving = false;
    this.item.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  put() {
    const from = this.from;
    this.from = null;
    this.mark(false);
    said(this.list, "saidPut", this.item);
    tell(this.item, from);
  }

  back() {
    this.insert(this.from.parent, this.from.next);
    this.from = null;
    this.mark(false);
    said(this.list, "saidBack", this.item);
  }
}

export function sortable(list) {
  Sortable.create(list, {
    group: list.dataset.group || undefined,
    handle: list.dataset.grab ? undefined : "[data-handle]", // "item": anywhere on it but its links, "all": by its links too
    draggable: ">[data-item]",
    filter: `input, select, textarea, button:not([data-handle])${list.dataset.grab === "all" ? "" : ", a"}`,
    preventOnFilter: false,
    animation: 120,
    delay: 120,
    delayOnTouchOnly: true,
    touchStartThreshold: 4,
    ghostClass: "sort-ghost",
    dragClass: "sort-dragging",
    onEnd: ({ item, from: source, oldIndex }) => {
      const left = [...source.children].filter((each) => each !== item);
      tell(item, { parent: source, next: left[oldIndex] ?? null });
    },
  });
  for (const item of items(list)) arm(list, item);
  new MutationObserver((changes) => {
    for (const change of changes) for (const added of change.addedNodes) if (added.dataset?.item !== undefined) arm(list, added);
  }).observe(list, { childList: true });
}

function arm(list, item) {
  const handle = item.querySelector("[data-handle]");
  if (!handle || armed.has(handle)) return;
  armed.add(handle);
  new Keyboard(list, handle);
}
