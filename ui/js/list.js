/* Lists: N opens the form for a new record, arrow keys walk the rows. */
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog[open]");

function walk(event) {
  const links = [...document.querySelectorAll(".list .row-link")];
  if (!links.length) return;
  const now = links.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? now + 1 : now - 1;
  if (now === -1 || !links[next]) return;
  event.preventDefault();
  links[next].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
  const list = document.querySelector("[data-list][data-new]");
  if (event.key === "n" && list) {
    event.preventDefault();
    list.querySelector(`.page-actions a[href="${list.dataset.new}"]`)?.click();
  }
});
