/* What the studio and boards fetch only where it is used: lists one drags, and expression editors. */
import { mount } from "./mount.js";

mount("[data-sortable]", async (list) => {
  const { sortable } = await import("./lazy/sortable.js");
  if (list.isConnected) sortable(list);
});

mount("[data-expression-editor]", async (root) => {
  const { edit } = await import("./lazy/expression_editor.js");
  if (root.isConnected) edit(root);
});
