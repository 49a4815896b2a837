/* Notices: good news goes away by itself, the rest stays until closed; says so when the server cannot be reached. */
import { mount } from "./mount.js";

const STAYS_MS = 6000;

mount(".notice", (notice) => {
  notice.querySelector("button")?.addEventListener("click", () => notice.remove());
  if (!notice.matches(".notice-success")) return;
  let timer = setTimeout(() => notice.remove(), STAYS_MS);
  notice.addEventListener("pointerenter", () => clearTimeout(timer));
  notice.addEventListener("pointerleave", () => (timer = setTimeout(() => notice.remove(), STAYS_MS)));
});

function unreachable() {
  const template = document.getElementById("unreachable");
  const region = document.getElementById("notices");
  if (!template || region.querySelector(".notice-unreachable")) return;
  const notice = template.content.firstElementChild.cloneNode(true);
  notice.querySelector("button").addEventListener("click", () => notice.remove());
  region.append(notice);
}

document.addEventListener("htmx:sendError", unreachable);
document.addEventListener("htmx:timeout", unreachable);
