/* What every page loads. Each behaviour is its own small module; pickers and charts are fetched only where one is on the page. */
import "htmx.org";
import "idiomorph/htmx";
import "@tabler/core/js/src/bootstrap/dropdown";
import "./navigation.js";
import "./notices.js";
import "./palette.js";
import "./preferences.js";
import "./focus.js";
