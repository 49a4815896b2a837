/* Command palette: Ctrl-K (or /) opens it, typing asks the server, arrows choose, Enter goes. Without a script the search box is a plain form. */
import htmx from "htmx.org";

const palette = () => document.getElementById("palette");
const options = () => [...palette().querySelectorAll("#palette-results [role=option]")];

function open(text) {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const input = dialog.querySelector("input[type=search]");
  input.value = text;
  htmx.trigger(input, "ask");
}

function choose(index) {
  const all = options();
  const input = palette().querySelector("input[type=search]");
  all.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  const chosen = all[index];
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

function move(event) {
  const all = options();
  const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose((now + 1) % all.length);
  else if (event.key === "ArrowUp") choose((now - 1 + all.length) % all.length);
  else if (event.key === "Enter" && all[now]) all[now].click();
  else return;
  event.preventDefault();
}

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.target.closest?.("#palette")) move(event);
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open("");
  } else if (event.key === "/" && !typing(event.target) && document.getElementById("search")) {
    event.preventDefault();
    document.getElementById("search").focus();
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "palette-results") choose(options().length ? 0 : -1);
});

document.addEventListener("click", (event) => {
  const dialog = palette();
  if (!dialog?.open) return;
  if (event.target === dialog || event.target.closest("#palette a[href]")) dialog.close();
});
