/* Everything known of the sample under the cursor. */
const READOUT = [
  ["Sample", ""],
  ["Address", "mono"],
  ["Instruction", "two mono"],
  ["Function", "two"],
  ["Source line", "three"],
  ["Of this instruction", "three"],
  ...LANES.map((lane) => [lane.id === "mean" ? `Mean power, ${DATA.unit}` : lane.name, "lane", lane]),
];

class Readout {
  constructor(box) {
    this.cells = READOUT.map(([name, classes, lane]) => {
      const value = make("dd", { class: classes.includes("mono") ? "mono" : null }, "–");
      box.append(make("div", { class: classes.replace("mono", "").trim() || null }, make("dt", {}, name), value));
      return { value, lane };
    });
    this.spoken = byId("spoken");
    this.draw = eachFrame(() => this.show());
    onChange((part) => ("cursor" in part || "pinned" in part) && this.draw());
  }

  show() {
    const index = state.cursor;
    if (index === null) {
      for (const { value } of this.cells) this.write(value, "–");
      return;
    }
    const row = rowAt(index);
    const line = shortLine(row);
    const source = sourceText(ROWS.file[row], ROWS.line[row]).trim();
    const runs = `${whole(ROWS.executions[row])} ${ROWS.executions[row] === 1 ? "sample" : "samples"}`;
    const status = isPublic(row) ? `declared public: ${NAMES.public[ROWS.public[row]]}` : ROWS.severity[row] ? `worst finding ${ROWS.severity[row]}` : "no finding";
    const texts = [
      whole(sampleOf(index)),
      addressText(ROWS.address[row]),
      textOf(row),
      functionOf(row) || "no symbol",
      line ? (source ? `${line}   ${source}` : line) : "no line information",
      `${runs}, ${status}${this.byte(row)}`,
    ];
    this.cells.forEach(({ value, lane }, position) => {
      if (!lane) return this.write(value, texts[position]);
      const at = lane.values[index];
      this.write(value, at === Infinity ? "∞, no noise" : fixed(at, lane.id === "rho" || lane.id === "snr" ? 3 : 2));
      value.className = lane.limit !== null && Math.abs(at) > lane.limit && !isPublic(row) ? "over" : "";
    });
    if (document.activeElement === plotBox && state.pinned === index) this.say(index, row, line);
  }

  byte(row) {
    const given = ROWS.byte[row] !== null && DATA.floor !== null && ROWS.rho[row] > DATA.floor && !isPublic(row);
    return given ? `, key byte ${ROWS.byte[row]}` : "";
  }

  write(cell, text) {
    if (cell.textContent === text) return;
    cell.textContent = text;
    cell.title = text.length > 18 ? text : "";
  }

  say(index, row, line) {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => {
      const t = watched ? `, ${watched.name} ${fixed(watched.values[index], 2)}` : "";
      this.spoken.textContent = `Sample ${sampleOf(index)}, ${textOf(row)}, ${functionOf(row)} ${line}${t}`;
    }, 350);
  }
}
