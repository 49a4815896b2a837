/* Moving between pages: htmx fetches only the sheet; here the rest follows (token, active tab, scroll, focus, open menus). */
import htmx from "htmx.org";

const page = () => document.getElementById("page");

document.addEventListener("htmx:configRequest", (event) => {
  const { headers } = event.detail;
  headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  headers["X-Shell"] = document.documentElement.dataset.shell ?? "";
});

/** The link whose path is the longest beginning of where we are gets `aria-current`. */
function markCurrent() {
  const here = location.pathname;
  for (const group of document.querySelectorAll("[data-current]")) {
    let best = null;
    for (const link of group.querySelectorAll("a[href]")) {
      link.removeAttribute("aria-current");
      const path = new URL(link.href).pathname;
      const fits = path === "/" ? here === "/" : here.startsWith(path);
      if (fits && path.length > (best ? new URL(best.href).pathname.length : 0)) best = link;
    }
    best?.setAttribute("aria-current", "page");
  }
}

function closeMenus() {
  for (const open of document.querySelectorAll(":popover-open")) open.hidePopover();
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === page()) closeMenus();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== page()) return;
  page().scrollTop = 0;
  if (event.detail.boosted) window.scrollTo(0, 0);
});

document.addEventListener("htmx:afterSettle", (event) => {
  markCurrent();
  if (event.detail.target === page() && !page().contains(document.activeElement)) page().focus({ preventScroll: true });
});

document.addEventListener("htmx:historyRestore", markCurrent);

/* A menu closes when something in it was chosen. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[popover] a[href]")) closeMenus();
});

htmx.onLoad((root) => {
  if (root === document.body) markCurrent();
});
