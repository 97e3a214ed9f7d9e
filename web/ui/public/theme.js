// Before the first paint, so that a chosen theme does not flash; the page's own code is a module and comes later.
(() => {
  try {
    const theme = localStorage.getItem("dasein.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off: the system's theme it is.
  }
})();
