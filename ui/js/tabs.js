/* Tabs of records and forms: one widget with arrow keys, the tab in front kept in the address. Without scripts the links lead to the parts,
   which then all show.

   <nav data-tabs><a data-tab="papers" …></nav> <section id="tab-papers" data-panel="papers">…</section> */
import { mount } from "./mount.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

class Tabs {
  constructor(list) {
    this.list = list;
    list.setAttribute("role", "tablist");
    for (const tab of this.tabs()) {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", `tab-${tab.dataset.tab}`);
      const panel = this.panel(tab);
      panel.setAttribute("role", "tabpanel");
      panel.removeAttribute("aria-label");
      panel.setAttribute("aria-labelledby", tab.id);
    }
    list.addEventListener("click", (event) => this.clicked(event));
    list.addEventListener("keydown", (event) => this.key(event));
    const asked = new URLSearchParams(location.search).get("tab");
    this.show(this.tabs().find((tab) => tab.dataset.tab === asked) ?? this.front());
  }

  tabs() {
    return [...this.list.querySelectorAll("[data-tab]")];
  }

  panel(tab) {
    return document.getElementById(`tab-${tab.dataset.tab}`);
  }

  front() {
    return this.tabs().find((tab) => tab.getAttribute("aria-current") || tab.getAttribute("aria-selected") === "true") ?? this.tabs()[0];
  }

  show(front) {
    for (const tab of this.tabs()) {
      const now = tab === front;
      tab.removeAttribute("aria-current");
      tab.setAttribute("aria-selected", String(now));
      tab.tabIndex = now ? 0 : -1;
      this.panel(tab).hidden = !now;
    }
  }

  choose(tab) {
    this.show(tab);
    const address = new URL(location.href);
    address.searchParams.set("tab", tab.dataset.tab);
    address.hash = "";
    history.replaceState(history.state, "", address);
  }

  clicked(event) {
    const tab = event.target.closest("[data-tab]");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.choose(tab);
  }

  key(event) {
    const open = this.tabs().filter((tab) => !tab.hidden);
    const at = open.indexOf(event.target.closest("[data-tab]"));
    if (at < 0) return;
    let next;
    if (event.key === "Home") next = open[0];
    else if (event.key === "End") next = open.at(-1);
    else if (event.key === " ") next = open[at];
    else if (STEPS[event.key]) next = open.at((at + STEPS[event.key]) % open.length);
    if (!next) return;
    event.preventDefault();
    this.choose(next);
    next.focus();
  }

  /** A tab of which rules hide everything goes, until there is something on it again. */
  follow() {
    for (const tab of this.tabs()) tab.hidden = !this.panel(tab).querySelector(".form-section:not([hidden]), [data-part]:not([hidden])");
    if (this.front().hidden) this.show(this.tabs().find((tab) => !tab.hidden) ?? this.front());
  }
}

mount("[data-tabs]", (list) => {
  const tabs = new Tabs(list);
  const form = list.closest("form");
  form?.addEventListener("sections", () => tabs.follow());
  if (form) tabs.follow();
  list.fieldsmithTabs = tabs;
});

/* A link to something on another tab, such as a field with an error, brings that tab to the front. */
document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const panel = link && document.getElementById(link.getAttribute("href").slice(1))?.closest("[data-panel]");
    if (!panel?.hidden) return;
    const list = [...document.querySelectorAll("[data-tabs]")].find((each) => each.querySelector(`[data-tab="${panel.dataset.panel}"]`));
    list?.fieldsmithTabs?.choose(list.querySelector(`[data-tab="${panel.dataset.panel}"]`));
  },
  true,
);
