/* Forms of records: warn before typed text is lost, save with Ctrl-Enter. */
import { mount } from "./mount.js";

const written = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
const unsaved = () => [...document.querySelectorAll("form[data-unsaved]")].find((form) => form.dataset.sent !== "1" && form.fieldsmithBegan !== written(form));

mount("form[data-unsaved]", (form) => {
  form.fieldsmithBegan = form.querySelector(".is-invalid") ? "" : written(form);
  form.addEventListener("submit", () => (form.dataset.sent = "1"));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-save]"));
    }
  });
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

/* Moving on inside the site does not unload the page: ask before htmx swaps it. */
document.addEventListener("htmx:confirm", (event) => {
  const form = unsaved();
  if (!form || form.contains(event.target) && event.target === form) return;
  if (event.detail.target?.id !== "page") return;
  event.preventDefault();
  if (window.confirm(form.dataset.unsaved)) {
    form.dataset.sent = "1";
    event.detail.issueRequest(true);
  }
});

document.addEventListener("htmx:responseError", () => {
  for (const form of document.querySelectorAll("form[data-unsaved]")) delete form.dataset.sent;
});
document.addEventListener("htmx:sendError", () => {
  for (const form of document.querySelectorAll("form[data-unsaved]")) delete form.dataset.sent;
});
