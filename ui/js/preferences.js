/* The theme changes at once; the form beside it stores the choice. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-theme-choice]");
  if (!button) return;
  document.documentElement.dataset.bsTheme = button.value;
  for (const other of button.parentElement.querySelectorAll("button[data-theme-choice]")) other.setAttribute("aria-pressed", String(other === button));
});
