/* Loaded blocking, before the first paint, so that a page never flashes in the wrong theme. */
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; the system's preference still applies.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.bsTheme = chosen === "dark" || chosen === "light" ? chosen : system;
})();
