/* Everything here only shortens a way that also exists without a script. */
(() => {
  const root = document.documentElement;
  const remember = (name, value) => {
    try {
      localStorage.setItem(name, value);
    } catch {
      // Without storage a choice lasts as long as the page.
    }
  };
  const remembered = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };

  for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;

  const language = root.lang === "en" ? "en-GB" : root.lang;
  const minute = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.textContent = new Intl.DateTimeFormat(language, minute).format(new Date(time.dateTime));
  }

  const toggleTheme = () => {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    remember("theme", root.dataset.bsTheme);
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.value);
      button.querySelector("[data-copied]").textContent = button.dataset.done;
    } catch {
      source.select();
    }
  };

  const unfold = (button) => {
    const isOpen = button.closest(".filters").classList.toggle("unfolded");
    button.setAttribute("aria-expanded", isOpen);
  };

  document.addEventListener("click", (event) => {
    const part = event.target.closest("[data-theme-toggle], [data-dismiss], [data-copy], [data-unfold]");
    if (!part) return;
    if ("themeToggle" in part.dataset) toggleTheme();
    else if ("unfold" in part.dataset) unfold(part);
    else if ("dismiss" in part.dataset) part.closest(".said-done").remove();
    else copy(part);
  });

  const shortcutsSwitch = document.querySelector("[data-shortcuts-switch]");
  if (shortcutsSwitch) {
    shortcutsSwitch.checked = remembered("shortcuts") !== "off";
    shortcutsSwitch.addEventListener("change", () => remember("shortcuts", shortcutsSwitch.checked ? "on" : "off"));
  }
  if (remembered("shortcuts") === "off") {
    for (const hint of document.querySelectorAll("[data-shortcut-hint]")) hint.hidden = true;
  }

  /* One-letter keys: WCAG 2.1.4 asks that they can be switched off and never fire while someone types. */
  const typing = (node) =>
    node.isContentEditable || node.matches("input:not([type=radio], [type=checkbox]), textarea, select");

  const focusSearch = () => {
    const field = document.querySelector("main [type=search]") || document.getElementById("find");
    if (field?.offsetParent) field.focus();
  };

  /* Opens it, so that 1, 2 and Enter are about the one that was stepped to. */
  const step = (by) => {
    const items = [...document.querySelectorAll("[data-queue-item]")];
    items[items.findIndex((item) => item.matches("[aria-current]")) + by]?.click();
  };

  const choose = (side) => {
    const radio = document.querySelector(`[data-side="${side}"]`);
    radio?.click();
    // Enter in a chosen radio saves its form.
    radio?.focus();
  };

  const keys = {
    "/": focusSearch,
    j: () => step(1),
    k: () => step(-1),
    1: () => choose(1),
    2: () => choose(2),
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.pop[open]")) menu.open = false;
      return;
    }
    const act = keys[event.key.toLowerCase()];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || remembered("shortcuts") === "off") return;
    event.preventDefault();
    act();
  });
})();
