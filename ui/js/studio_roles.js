/* Roles in the studio: the matrix is fetched where there is one; long lists are narrowed as one types. */
import { mount } from "./mount.js";

mount("[data-role-matrix]", async (root) => {
  const { start } = await import("./lazy/role_matrix.js");
  if (root.isConnected) start(root);
});

mount("[data-narrow]", (input) => {
  const root = input.closest("[data-narrowed]");
  input.hidden = false;
  const narrow = () => {
    const words = input.value.trim().toLowerCase().split(/\s+/);
    for (const item of root.querySelectorAll("[data-narrow-item]")) {
      const text = item.dataset.narrowItem.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
      if (item.nextElementSibling?.matches(".matrix-unfolded")) item.nextElementSibling.hidden = item.hidden;
    }
  };
  input.addEventListener("input", narrow);
  root.addEventListener("htmx:afterSwap", () => input.value && narrow());
});
