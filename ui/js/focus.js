/* After a form comes back with errors, the first wrong field has the focus. */
import { mount } from "./mount.js";

mount("form", (form) => {
  const wrong = form.querySelector(".is-invalid, [aria-invalid=true]");
  const field = wrong?.matches("input, select, textarea") ? wrong : wrong?.querySelector("input, select, textarea");
  field?.focus();
});

/* The browser's own time zone is the best first guess. */
mount("select[data-guess-time-zone]", (select) => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
});
