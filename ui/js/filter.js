/* Filters: the button (key F) opens the builder above the list and closes it again; what works inside comes only then. */
import { mount } from "./mount.js";

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
const opener = () => document.getElementById("filter-open");
const bar = () => document.querySelector("section#filter-bar");

function close() {
  const place = document.createElement("div");
  place.id = "filter-bar";
  bar().replaceWith(place);
  opener().setAttribute("aria-expanded", "false");
  opener().focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !opener()) return;
  if (event.key === "Escape" && !event.defaultPrevented && event.target.closest?.("section#filter-bar")) close();
  if (event.key.toLowerCase() !== "f" || typing(event.target)) return;
  event.preventDefault();
  opener().click();
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !opener() || !bar() || !event.target.closest("#filter-open, [data-filter-close]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  close();
}, true);

mount("#filter-open", (link) => link.setAttribute("aria-expanded", String(Boolean(bar()))));

mount("[data-filter]", async (section) => {
  opener()?.setAttribute("aria-expanded", "true");
  const { start } = await import("./lazy/filter_bar.js");
  if (section.isConnected) start(section);
});
