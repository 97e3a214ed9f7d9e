/* What the listing holds: instructions under their functions, or source lines under their files; filtered and ordered. */
const ALL_ROWS = ROWS.address.map((_, row) => row);
const worseThan = (row, severity) => ROWS.severity[row] !== null && SEVERITIES.indexOf(ROWS.severity[row]) <= SEVERITIES.indexOf(severity);
const SHOWN = {
  all: () => true,
  leaking: (row) => ROWS.severity[row] !== null,
  critical: (row) => worseThan(row, "critical"),
  high: (row) => worseThan(row, "high"),
  medium: (row) => worseThan(row, "medium"),
  public: isPublic,
};
const largest = (rows, value) => rows.reduce((most, row) => (value(row) === null ? most : Math.max(most ?? 0, value(row))), null);
const total = (rows) => rows.reduce((sum, row) => sum + ROWS.executions[row], 0);

class Code {
  constructor() {
    this.kind = "instructions";
    this.listing = new Listing(byId("listing"), byId("listing-rows"), (item) => this.row(item));
    this.search = byId("search");
    this.shown = byId("shown");
    this.order = byId("order");
    this.haystack = ALL_ROWS.map((row) => `${addressText(ROWS.address[row])} ${textOf(row)} ${functionOf(row)} ${lineOf(row)}`.toLowerCase());
    for (const input of [this.search, this.shown, this.order]) input.addEventListener("input", () => this.update());
    for (const button of byId("listing-kind").children) {
      button.addEventListener("click", () => {
        this.kind = button.dataset.kind;
        for (const other of button.parentElement.children) press(other, other === button);
        this.update();
      });
    }
    byId("listing-selection").addEventListener("click", () => change({ selection: null }));
    byId("listing-rows").addEventListener("click", (event) => this.click(event));
    onChange((part) => {
      if ("selection" in part) this.soon();
      if ("shaded" in part) this.listing.refresh();
    });
    this.soon = eachFrame(() => this.update());
    this.update();
  }

  filtered() {
    const words = this.search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const inside = state.selection && new Set(SERIES.row.slice(state.selection[0], state.selection[1]));
    const shown = SHOWN[this.shown.value];
    return ALL_ROWS.filter((row) => shown(row) && (!inside || inside.has(row)) && words.every((word) => this.haystack[row].includes(word)));
  }

  update() {
    const rows = this.filtered();
    const chip = byId("listing-selection");
    chip.hidden = !state.selection;
    if (state.selection) chip.textContent = `Samples ${whole(sampleOf(state.selection[0]))} to ${whole(sampleOf(state.selection[1]) - 1)} ×`;
    byId("listing-count").textContent = rows.length === ALL_ROWS.length ? rowsText(rows.length) : `${whole(rows.length)} of ${rowsText(ALL_ROWS.length)}`;
    const heads = byId("listing").querySelectorAll("thead th");
    [heads[2].textContent, heads[3].textContent, heads[4].textContent] = this.kind === "lines" ? ["Line", "Text", "File"] : ["Address", "Instruction", "Source"];
    this.listing.show(this.kind === "lines" ? this.lines(rows) : this.instructions(rows));
  }

  sorted(items) {
    const key = { t1: (item) => item.t ?? -1, rho: (item) => item.rho ?? -1, executions: (item) => item.executions }[this.order.value];
    return key ? [...items].sort((a, b) => key(b) - key(a)) : items;
  }

  entry(rows, extra) {
    return { rows, t: largest(rows, rowT), rho: largest(rows, (row) => ROWS.rho[row]), executions: total(rows), ...extra };
  }

  instructions(rows) {
    if (this.order.value !== "address") return this.sorted(rows.map((row) => this.entry([row], { row })));
    return this.grouped(rows, (row) => ROWS.function[row], (key, members) => [
      { ...this.entry(members, {}), group: NAMES.function[key] ?? "no symbol", hue: key, count: rowsText(members.length) },
      ...members.map((row) => this.entry([row], { row })),
    ]);
  }

  lines(rows) {
    const of = (members) => {
      const byLine = new Map();
      for (const row of members) if (ROWS.line[row] !== null) byLine.set(ROWS.line[row], [...(byLine.get(ROWS.line[row]) ?? []), row]);
      return [...byLine].map(([line, found]) => this.entry(found, { file: ROWS.file[found[0]], line }));
    };
    const placed = rows.filter((row) => ROWS.file[row] >= 0).sort((a, b) => ROWS.file[a] - ROWS.file[b] || ROWS.line[a] - ROWS.line[b]);
    const whole_ = rows.length === ALL_ROWS.length && this.order.value === "address";
    const files = this.grouped(placed, (row) => ROWS.file[row], (file, members) => {
      const items = of(members);
      const listed = whole_ ? this.withIdle(items, file) : items;
      return [{ ...this.entry(members, {}), group: NAMES.file[file], count: `${whole(items.length)} ${items.length === 1 ? "line" : "lines"}` }, ...listed];
    });
    return this.order.value === "address" ? files : this.sorted(files.filter((item) => item.group === undefined));
  }

  /* Lines around those that ran, where their text is known. */
  withIdle(items, file) {
    const known = new Set(items.map((item) => item.line));
    const idle = Object.keys(DATA.source[NAMES.file[file]] ?? {}).map(Number).filter((line) => !known.has(line));
    return [...items, ...idle.map((line) => ({ rows: [], t: null, rho: null, executions: 0, file, line }))].sort((a, b) => a.line - b.line);
  }

  grouped(rows, key, build) {
    const groups = new Map();
    for (const row of rows) {
      if (!groups.has(key(row))) groups.set(key(row), []);
      groups.get(key(row)).push(row);
    }
    return [...groups].flatMap(([name, members]) => build(name, members));
  }

  row(item) {
    if (item.group !== undefined) return this.groupRow(item);
    const byPublic = item.rows.length > 0 && item.rows.every(isPublic);
    const chosen = state.shaded && item.rows.some((row) => state.shaded.has(row));
    const classes = ["item", chosen ? "chosen" : "", item.rows.length ? "" : "idle"].join(" ").trim();
    const row = make("tr", { class: classes }, ...this.cells(item, byPublic));
    row.item = item;
    return row;
  }

  cells(item, byPublic) {
    const limit = DATA.threshold ?? Infinity;
    const worst = item.rows.map((row) => ROWS.severity[row]).filter(Boolean).sort((a, b) => SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b))[0];
    const [address, text, source] = item.line === undefined
      ? [addressText(ROWS.address[item.row]), textOf(item.row), this.source(item.row)]
      : [`line ${item.line}`, sourceText(item.file, item.line), lineText(SHORT.get(NAMES.file[item.file]), item.line)];
    return [
      make("td", {}, this.heat(item.t, tHeat(item.t), byPublic || item.t <= limit, 1)),
      make("td", {}, this.heat(item.rho, item.rho ?? 0, byPublic || item.rho <= (DATA.floor ?? 1), 3)),
      make("td", { class: "mono" }, item.rows.length ? make("button", { type: "button", class: "link" }, address) : address),
      make("td", { class: "mono", title: text.length > 40 ? text : null, style: item.line === undefined ? null : "white-space: pre" }, text),
      make("td", { class: "small", title: source.length > 30 ? source : null }, source),
      make("td", { class: "n" }, item.rows.length ? whole(item.executions) : ""),
      make("td", byPublic ? { class: "public", title: NAMES.public[ROWS.public[item.rows[0]]] } : {}, this.status(item, worst, byPublic)),
    ];
  }

  source(row) {
    const text = sourceText(ROWS.file[row], ROWS.line[row]).trim();
    return [shortLine(row), text].filter(Boolean).join("   ");
  }

  status(item, worst, byPublic) {
    if (byPublic) return `public: ${NAMES.public[ROWS.public[item.rows[0]]]}`;
    if (!worst) return "";
    const attacked = item.row !== undefined && DATA.floor !== null && item.rho > DATA.floor && ROWS.byte[item.row] !== null;
    const byte = attacked ? `, key byte ${ROWS.byte[item.row]}` : "";
    return make("span", { class: "status" }, make("span", { class: worst }, icon(worst)), worst + byte);
  }

  heat(value, strength, calm, digits) {
    if (value === null) return "";
    const bar = make("i");
    bar.style.width = `${(100 * Math.min(1, strength)).toFixed(1)}%`;
    return make("span", { class: calm ? "heat calm" : "heat" }, bar, make("b", {}, fixed(value, digits)));
  }

  groupRow(item) {
    const swatch = make("span", { class: "swatch" });
    swatch.style.background = item.hue === undefined ? colour("line") : segmentColour(item.hue);
    const worst = item.t === null ? "" : `, |t| up to ${fixed(item.t, 1)}`;
    const note = `${item.count}, ${whole(item.executions)} samples${worst}`;
    const row = make("tr", { class: "group item" }, make("th", { colspan: "7", scope: "colgroup" }, swatch, item.group, make("span", { class: "small" }, note)));
    row.item = item;
    return row;
  }

  click(event) {
    const item = event.target.closest("tr")?.item;
    if (!item || !item.rows.length || !COUNT) return;
    this.choose(new Set(item.rows));
  }

  /* Shade the rows and go to the worst of their samples. */
  choose(rows) {
    let worst = -1;
    for (let index = 0; index < COUNT; index += 1) {
      if (rows.has(rowAt(index)) && (worst < 0 || Math.abs(watched?.values[index] ?? 0) > Math.abs(watched?.values[worst] ?? 0))) worst = index;
    }
    if (worst >= 0) pin(worst, { rows });
    else change({ shaded: rows });
  }

  reveal(row) {
    const shows = (item) => item.group === undefined && item.rows.includes(row);
    if (row === undefined || this.listing.reveal(shows)) return;
    this.search.value = "";
    this.shown.value = "all";
    change({ selection: null });
    this.update();
    this.listing.reveal(shows);
  }
}
