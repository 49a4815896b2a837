/* Record pages: E opens the form, Esc leaves a page that asks or edits, a narrow path shows the stage it is at. */
import { mount } from "./mount.js";

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], .ts-wrapper");
const floating = () => document.querySelector(":popover-open, dialog[open], .ts-wrapper.dropdown-active");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "e" && !typing(event.target) && !floating()) document.querySelector("[data-record] [data-edit]")?.click();
  if (event.key === "Escape" && !event.defaultPrevented && !floating()) document.querySelector("[data-cancel]")?.click();
});

mount(".path", (path) => {
  const now = path.querySelector("[aria-current=step]")?.parentElement;
  if (now) path.scrollLeft = now.offsetLeft - path.offsetLeft - (path.clientWidth - now.offsetWidth) / 2;
  path.addEventListener("focusin", (event) => event.target.scrollIntoView({ block: "nearest", inline: "nearest" }));
});
