/* `mount(selector, start)`: run `start(element)` once for every matching element, on this page and after every swap. */
import htmx from "htmx.org";

export function mount(selector, start) {
  const started = new WeakSet();
  htmx.onLoad((root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (started.has(element)) continue;
      started.add(element);
      start(element);
    }
  });
}
