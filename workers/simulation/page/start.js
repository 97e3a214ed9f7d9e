/* Put the parts together. */
function chooseTheme() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  try {
    const kept = localStorage.getItem("dasein-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* Pages opened from disk may have no storage; the system's choice stands. */ }
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try {
      localStorage.setItem("dasein-theme", root.dataset.theme);
    } catch { /* as above */ }
    repaint();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}

function repaint() {
  forgetColours();
  change({ shaded: state.shaded, from: state.from });
}

function laneChips() {
  for (const lane of LANES) {
    const chip = make("button", { type: "button", class: "chip", "data-lane": lane.id, "aria-pressed": String(state.lanes.has(lane.id)) }, lane.name);
    chip.addEventListener("click", () => {
      const lanes = new Set(state.lanes);
      if (!lanes.delete(lane.id)) lanes.add(lane.id);
      if (!lanes.size) return;
      press(chip, lanes.has(lane.id));
      change({ lanes });
    });
    byId("lanes").append(chip);
  }
}

function tools(plot) {
  const middle = () => (state.from + state.to) / 2;
  const on = (id, act) => byId(id).addEventListener("click", act);
  on("zoom-in", () => zoomAt(middle(), 0.5));
  on("zoom-out", () => zoomAt(middle(), 2));
  on("pan-left", () => panBy((state.from - state.to) / 4));
  on("pan-right", () => panBy((state.to - state.from) / 4));
  on("reset", () => setView(0, COUNT));
  on("save", () => plot.save());
  on("compress", () => change({ compress: !state.compress }));
  on("selection-zoom", () => setView(...state.selection));
  on("selection-clear", () => change({ selection: null }));
  on("selection-code", () => byId("code").scrollIntoView());
  for (const button of byId("modes").children) button.addEventListener("click", () => change({ mode: button.dataset.mode }));
  const show = () => {
    press(byId("compress"), state.compress);
    for (const button of byId("modes").children) press(button, button.dataset.mode === state.mode);
    byId("selection").hidden = !state.selection;
    if (!state.selection) return;
    const [from, to] = state.selection;
    const rows = new Set(SERIES.row.slice(from, to));
    const functions = [...new Set([...rows].map((row) => functionOf(row) || "no symbol"))];
    const named = functions.length > 3 ? `${functions.slice(0, 3).join(", ")} and ${functions.length - 3} more` : functions.join(", ");
    byId("selection-text").textContent = `Samples ${whole(sampleOf(from))} to ${whole(sampleOf(to) - 1)}: ${rowsText(rows.size)} of ${named}. The listing shows only these.`;
  };
  onChange((part) => ("mode" in part || "selection" in part || "compress" in part) && eachShow());
  const eachShow = eachFrame(show);
  show();
}

/* On a narrow screen the plot may be off it: bring it back. */
function bringPlot() {
  const box = plotBox?.getBoundingClientRect();
  if (box && (box.bottom < 120 || box.top > window.innerHeight - 160)) byId("waveform").scrollIntoView();
}

function keyBytes(code) {
  for (const row of document.querySelectorAll("table.key tbody tr")) {
    row.addEventListener("click", () => {
      for (const other of row.parentElement.children) other.removeAttribute("aria-current");
      row.setAttribute("aria-current", "true");
      for (const line of document.querySelectorAll(".ranks .rank")) line.classList.toggle("chosen", line.dataset.byte === row.dataset.byte);
      if (!COUNT) return;
      const index = indexOf(Number(row.dataset.sample));
      pin(index, { width: Math.min(CLOSE_VIEW, COUNT) });
      code?.reveal(rowAt(index));
      bringPlot();
    });
  }
}

function copyRequest() {
  const text = byId("request");
  byId("copy").addEventListener("click", async () => {
    const said = byId("copied");
    try {
      await navigator.clipboard.writeText(text.textContent);
      said.textContent = "Copied.";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      said.textContent = document.execCommand("copy") ? "Copied." : "The browser refuses to copy; the text is selected.";
    }
  });
}

/* Paper has no scroll box: everything with a finding is printed, or all of a short listing. */
function printing(code) {
  window.addEventListener("beforeprint", () => {
    if (ALL_ROWS.length > 400) {
      code.shown.value = "leaking";
      code.update();
    }
    code.listing.drawn = null;
    code.listing.paint({ all: true });
  });
  window.addEventListener("afterprint", () => {
    code.shown.value = "all";
    code.update();
  });
}

chooseTheme();
const plot = plotBox ? new Plot() : null;
if (plot) {
  new Gestures(plot);
  new Overview(byId("overview"));
  new Readout(byId("readout")).draw();
  laneChips();
  tools(plot);
}
const code = ROWS.address.length ? new Code() : null;
if (code && plot) {
  new Overview(byId("code-overview"));
  onChange((part) => {
    if (part.pinned !== undefined && part.pinned !== null) code.listing.reveal((item) => item.group === undefined && item.rows.includes(rowAt(part.pinned)));
  });
} else if (code) byId("code-overview").hidden = true;
if (code) printing(code);
if (DATA.findings.length) {
  new Findings((row) => {
    code?.reveal(row);
    bringPlot();
  });
}
keyBytes(code);
copyRequest();
plot?.draw();
document.documentElement.dataset.ready = "true";
