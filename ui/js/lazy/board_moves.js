/* A card that was dragged (lazy/sortable.js) or sent by its menu: the server is asked, and the card goes where its answer says it belongs. */
import htmx from "htmx.org";

/** What of the card has the focus, as a selector: moving it in the page takes the focus away. */
const holding = (card) => [".sort-handle", ".board-move"].find((part) => card.querySelector(part) === document.activeElement) ?? "";

/** A link that is dragged takes its card along, not its address. */
function steady(root) {
  for (const link of root.querySelectorAll(".board-card a")) link.draggable = false;
}

class Moves {
  constructor(board) {
    this.board = board;
    this.menu = board.querySelector("#board-menu");
    this.chosen = null;
    board.classList.add("board-live");
    board.addEventListener("sorted", (event) => this.sorted(event.detail));
    board.addEventListener("click", (event) => this.clicked(event), true);
    board.addEventListener("htmx:afterSwap", () => this.once());
    steady(board);
    this.menu.addEventListener("toggle", (event) => event.newState === "closed" && this.chosen?.querySelector(".board-move")?.setAttribute("aria-expanded", "false"));
  }

  list(value) {
    return [...this.board.querySelectorAll(".board-cards")].find((list) => list.dataset.list === value);
  }

  /** Within its column a card has no place of its own: it goes back. */
  sorted({ element, list, from, undo }) {
    const there = { list: element.parentElement, next: element.nextElementSibling };
    const held = holding(element);
    undo();
    const next = element.nextElementSibling;
    if (list !== from) {
      there.list.insertBefore(element, there.next);
      this.move(element, list, next, held);
    } else if (held) {
      element.querySelector(held).focus();
    }
  }

  clicked(event) {
    const link = event.target.closest(".board-move");
    const to = event.target.closest("[data-to]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      this.open(link);
    } else if (to) {
      this.menu.hidePopover();
      this.send(to.dataset.to);
    }
  }

  open(link) {
    this.chosen = link.closest(".board-card");
    for (const to of this.menu.querySelectorAll("[data-to]")) {
      const now = to.dataset.to === this.chosen.dataset.column;
      to.disabled = now;
      if (now) to.setAttribute("aria-current", "true");
      else to.removeAttribute("aria-current");
    }
    this.menu.showPopover();
    link.setAttribute("aria-expanded", "true");
    const place = link.getBoundingClientRect();
    const size = this.menu.getBoundingClientRect();
    this.menu.style.left = `${Math.max(8, Math.min(place.right - size.width, innerWidth - size.width - 8))}px`;
    this.menu.style.top = `${place.bottom + size.height + 8 < innerHeight ? place.bottom + 4 : Math.max(8, place.top - size.height - 4)}px`;
    this.menu.querySelector("[data-to]:not(:disabled)")?.focus();
  }

  send(value) {
    const card = this.chosen;
    const next = card.nextElementSibling;
    this.list(value).prepend(card);
    this.move(card, value, next, ".board-move");
  }

  async move(card, to, next, held) {
    const { item, version, column: from } = card.dataset;
    card.classList.add("board-busy");
    card.setAttribute("aria-busy", "true");
    const path = card.querySelector(".board-move").getAttribute("href");
    try {
      await htmx.ajax("POST", path, { source: card, target: this.board, swap: "none", values: { to, from, version, csrf_token: document.querySelector('meta[name="csrf-token"]').content } });
    } finally {
      this.settle(document.getElementById(`card-${item}`), next, held);
    }
  }

  /** To the column its value says; back to its place where that is the one it came from. */
  settle(card, next, held) {
    if (!card) return;
    steady(card);
    card.classList.remove("board-busy");
    card.removeAttribute("aria-busy");
    const home = this.list(card.dataset.column);
    if (!home) card.remove();
    else if (card.parentElement !== home) home.insertBefore(card, next?.parentElement === home ? next : home.firstElementChild);
    if (held) card.querySelector(held)?.focus();
  }

  /** A card that was moved into a column whose next cards hold it too stands there once. */
  once() {
    const seen = new Set();
    for (const card of this.board.querySelectorAll(".board-card")) {
      if (seen.has(card.id)) card.remove();
      else seen.add(card.id);
    }
    steady(this.board);
  }
}

export function start(board) {
  new Moves(board);
}
