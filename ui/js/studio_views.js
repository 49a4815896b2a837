/* The editor of a view is fetched where there is one. */
import { mount } from "./mount.js";

mount("[data-view-editor]", async (form) => {
  const { start } = await import("./lazy/view_editor.js");
  if (form.isConnected) start(form);
});
