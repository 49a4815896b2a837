/* Builds ui/dist: bundled scripts, one purged style sheet, an icon sprite; names carry a hash of the content, each beside its .gz and .br,
   and manifest.json says which is which. The old files go last, so a page being served keeps its own. Run by `make install`. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const browsers = ["chrome123", "firefox128", "safari17.5"];
const styleOrder = ["tokens.css", "base.css", "shell.css"];

const written = new Set();
const read = (...path) => readFileSync(join(here, ...path), "utf8");
const digest = (content) => createHash("sha256").update(content).digest("hex").slice(0, 10);

function filesUnder(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => join(folder, name)).sort();
}

const templates = filesUnder(join(here, "templates"), ".html");
const pythonScreens = filesUnder(join(here, "..", "platform", "fieldsmith", "web"), ".py");
const scripts = filesUnder(join(here, "js"), ".js");

/** app.js and every other behaviour in js/ become one entry, so that a new module needs no list; js/lazy/ is fetched when asked for. */
async function bundleScripts() {
  const others = scripts.filter((path) => dirname(path) === join(here, "js")).map((path) => basename(path)).filter((name) => !["app.js", "mount.js"].includes(name));
  const contents = ["app.js", ...others].map((name) => `import "./${name}";`).join("\n");
  const result = await build({
    stdin: { contents, resolveDir: join(here, "js"), sourcefile: "entry.js" },
    bundle: true, minify: true, format: "esm", splitting: true, target: browsers, write: false, metafile: true,
    outdir: dist, entryNames: "app-[hash]", chunkNames: "chunk-[hash]", legalComments: "none", logLevel: "warning",
  });
  for (const file of result.outputFiles) put(basename(file.path), file.contents);
  return Object.keys(result.metafile.outputs).map((path) => basename(path)).find((name) => name.startsWith("app-")); // lazy modules are entries too
}

/** Tabler, Tom Select and our own sheets, without the rules no template, script or screen module names. */
async function bundleStyles() {
  const own = readdirSync(join(here, "css")).filter((name) => name.endsWith(".css") && !styleOrder.includes(name)).sort();
  const parts = [
    read("node_modules", "@tabler", "core", "dist", "css", "tabler.css"),
    read("node_modules", "tom-select", "dist", "css", "tom-select.bootstrap5.css"),
    ...[...styleOrder, ...own].map((name) => read("css", name)),
  ];
  const raw = parts.join("\n").replaceAll('@charset "UTF-8";', "").replace(/\/\*# sourceMappingURL=.*?\*\//g, "");
  const [purged] = await new PurgeCSS().purge({
    content: [...templates, ...pythonScreens, ...scripts, join(here, "node_modules", "@tabler", "core", "js", "src", "bootstrap", "dropdown.ts")],
    css: [{ raw }],
    keyframes: true,
    variables: true,
    safelist: {
      standard: ["show", "fade", "active", "disabled", "dark", "light", "auto", "dropdown-menu-end", "collapsing", "is-invalid"],
      deep: [/^alert-(info|success|warning|danger)$/, /^notice-(info|success|warning|danger)$/, /^ts-/, /^tint/, /^htmx-/, /^plugin-/, /^tomselect/],
      variables: [/^--fs-/],
    },
    dynamicAttributes: ["aria-current", "aria-pressed", "aria-selected", "aria-checked", "aria-expanded", "open", "disabled", "data-bs-theme"],
  });
  const { code } = await transform(purged.css, { loader: "css", minify: true, target: browsers, legalComments: "none" });
  return store("app.css", code);
}

/** Icons named in icons.json, in templates, in screen modules and in shipped metadata, as one sprite of symbols. */
function bundleIcons() {
  const names = new Set(JSON.parse(read("icons.json")));
  for (const path of [...templates, ...pythonScreens]) {
    for (const [, name] of readFileSync(path, "utf8").matchAll(/\bicon\(\s*"([a-z0-9-]+)"/g)) names.add(name);
  }
  for (const folder of ["metadata", "plugins"]) {
    for (const path of filesUnder(join(here, "..", folder), ".json")) {
      for (const [, name] of readFileSync(path, "utf8").matchAll(/"icon"\s*:\s*"([a-z0-9-]+)"/g)) names.add(name);
    }
  }
  const known = [];
  const symbols = [];
  for (const name of [...names].sort()) {
    const path = ["node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`];
    if (!existsSync(join(here, ...path))) {
      console.warn(`There is no Tabler icon “${name}”; pages show the stand-in for it.`);
      continue;
    }
    const shapes = read(...path).replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")}</symbol>`);
    known.push(name);
  }
  return { file: store("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`), names: known };
}

function store(name, content) {
  const [stem, ending] = name.split(".");
  const file = `${stem}-${digest(content)}.${ending}`;
  put(file, content);
  return file;
}

function put(file, content) {
  writeFileSync(join(dist, file), content);
  written.add(file);
}

function compress() {
  for (const name of [...written]) {
    const content = readFileSync(join(dist, name));
    put(`${name}.gz`, gzipSync(content, { level: 9 }));
    put(`${name}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }));
  }
}

mkdirSync(dist, { recursive: true });
const [script, style] = await Promise.all([bundleScripts(), bundleStyles()]);
const icons = bundleIcons();
const favicon = store("favicon.svg", read("favicon.svg"));
compress();
put("manifest.json", JSON.stringify({ files: { "app.css": style, "app.js": script, "favicon.svg": favicon, "icons.svg": icons.file }, icons: icons.names }, null, 1));
for (const name of readdirSync(dist)) {
  const path = join(dist, name);
  if (!written.has(name)) rmSync(path, { recursive: true });
  else if (name.endsWith(".br")) console.log(`${relative(here, path).padEnd(40)} ${(readFileSync(path).length / 1024).toFixed(1)} KB`);
}
