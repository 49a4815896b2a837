/* Choosing a country proposes its currency, until the currency was chosen by hand. */
import { mount } from "./mount.js";

mount("select[data-fills-currency]", (country) => {
  const currency = document.getElementById(country.dataset.fillsCurrency);
  let chosen = false;
  currency.addEventListener("change", () => (chosen = true));
  country.addEventListener("change", () => {
    const proposal = country.selectedOptions[0]?.dataset.currency;
    if (!chosen && proposal) currency.value = proposal;
  });
});
