/* The layout editor is fetched where it is on the page. */
import { mount } from "./mount.js";

mount("[data-layout-editor]", async (editor) => {
  const { layoutEditor } = await import("./lazy/layout_editor.js");
  if (editor.isConnected) layoutEditor(editor);
});
