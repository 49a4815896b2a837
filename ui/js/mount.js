/* `mount(selector, start)`: run `start(element)` once for every matching element, on this page and after every swap.
   `data-starting` is on an element as long as what `start` fetches for it is still on its way. */
import htmx from "htmx.org";

export function mount(selector, start) {
  const started = new WeakSet();
  htmx.onLoad((root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (started.has(element)) continue;
      started.add(element);
      const pending = start(element);
      if (!pending?.finally) continue;
      element.dataset.starting = "";
      pending.finally(() => delete element.dataset.starting);
    }
  });
}
