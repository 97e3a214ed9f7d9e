/* The plot: chosen curves above each other on one sample axis, the code band beneath, a cursor over both. */
const plotBox = byId("plot");
const LANE_HEIGHTS = [0, 320, 190, 150, 128, 116];
const LANE_HEAD = 26;

class Plot {
  constructor() {
    this.base = byId("plot-base");
    this.over = byId("plot-over");
    this.draw = eachFrame(() => this.paint());
    this.drawOver = eachFrame(() => this.paintOver());
    this.range = byId("range");
    onChange((part) => {
      if ("from" in part || "shaded" in part || "lanes" in part || "compress" in part) this.draw();
      this.drawOver();
    });
    new ResizeObserver(() => {
      this.draw();
      this.drawOver();
    }).observe(plotBox);
  }

  get left() {
    return this.width < 560 ? 38 : 48;
  }

  indexAt(clientX) {
    const box = plotBox.getBoundingClientRect();
    const at = state.from + ((clientX - box.left - this.left) / (this.width - this.left)) * (state.to - state.from);
    return Math.min(COUNT - 1e-6, Math.max(0, at));
  }

  paint() {
    const began = performance.now();
    this.width = plotBox.clientWidth;
    const shown = LANES.filter((lane) => state.lanes.has(lane.id));
    const laneHeight = LANE_HEIGHTS[shown.length] - (this.width < 560 && shown.length < 3 ? 40 : 0);
    const width = this.width - this.left;
    this.height = shown.length * laneHeight + bandHeight(width / (state.to - state.from)) + 10;
    if (plotBox.style.height !== `${this.height}px`) plotBox.style.height = `${this.height}px`;
    const context = fitted(this.base, this.width, this.height);
    context.fillStyle = colour("card");
    context.fillRect(0, 0, this.width, this.height);
    const painter = new Painter(context, this.left, width, state.from, state.to);
    this.lanes = [];
    let top = 0;
    for (const lane of shown) {
      const scale = new Scale(lane, state.compress, top + LANE_HEAD, top + laneHeight - 8);
      painter.shade(state.shaded, scale.top, scale.bottom);
      painter.hatched(scale.top, scale.bottom);
      painter.lane(lane, scale);
      this.head(context, lane, top);
      this.lanes.push({ lane, scale });
      top += laneHeight;
    }
    this.bandTop = top + 4;
    const bottom = new Band(painter).draw(this.bandTop);
    painter.shade(state.shaded, this.bandTop, bottom);
    this.painter = painter;
    this.range.textContent = `Samples ${whole(sampleOf(Math.floor(state.from)))} to ${whole(sampleOf(Math.ceil(state.to)) - 1)} of ${whole(COUNT * SERIES.stride)}`;
    plotBox.dataset.paintMs = (performance.now() - began).toFixed(2);
  }

  head(context, lane, top) {
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.font = `600 12px ${colour("sans")}`;
    context.fillStyle = colour("ink");
    const title = lane.id === "mean" ? `Mean power, ${DATA.unit}` : lane.id === "rho" ? "|ρ|, strongest key byte" : lane.name;
    context.fillText(title, this.left, top + 13);
    const notes = lane.limit === null ? [] : lane.signed
      ? [`limit ±${fixed(lane.limit, 1)} dashed, corrected ±${fixed(lane.strict, 2)} dotted`, `limits ±${fixed(lane.limit, 1)}, ±${fixed(lane.strict, 2)}`]
      : [`noise floor ${fixed(lane.limit, 3)} dashed`];
    const after = this.left + context.measureText(title).width + 12;
    context.font = `11.5px ${colour("sans")}`;
    context.fillStyle = colour("dim");
    const note = notes.find((text) => after + context.measureText(text).width < this.width);
    if (note) context.fillText(note, after, top + 13);
  }

  paintOver() {
    if (!this.painter) return;
    const context = fitted(this.over, this.width, this.height);
    const { painter } = this;
    painter.from = state.from;
    painter.to = state.to;
    const bottom = this.height - BAND.axis;
    for (const range of [state.selection, state.rubber]) {
      if (!range) continue;
      const [x0, x1] = painter.within(range[0], range[1]);
      if (x1 > x0) {
        context.fillStyle = colour("accent");
        context.globalAlpha = 0.13;
        context.fillRect(x0, LANE_HEAD - 6, x1 - x0, bottom - LANE_HEAD + 6);
        context.globalAlpha = 1;
        context.fillRect(x0, LANE_HEAD - 6, 1, bottom - LANE_HEAD + 6);
        context.fillRect(x1 - 1, LANE_HEAD - 6, 1, bottom - LANE_HEAD + 6);
      }
    }
    if (state.pinned !== null) this.line(context, state.pinned, bottom, "accent", 1.8);
    if (state.cursor !== null && state.cursor !== state.pinned) this.line(context, state.cursor, bottom, "ink", 1);
  }

  /* An upright line at a sample, with a dot on every curve. */
  line(context, index, bottom, name, width) {
    const x = this.painter.x(index + 0.5);
    if (x < this.painter.left || x > this.width) return;
    context.strokeStyle = colour(name);
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x, LANE_HEAD - 6);
    context.lineTo(x, bottom);
    context.stroke();
    for (const { lane, scale } of this.lanes) {
      context.beginPath();
      context.arc(x, scale.y(lane.values[index]), 3.5, 0, 7);
      context.fillStyle = colour(name);
      context.fill();
      context.strokeStyle = colour("card");
      context.lineWidth = 1.5;
      context.stroke();
    }
  }

  /* Save what is seen, on the theme's ground. */
  save() {
    const out = document.createElement("canvas");
    out.width = this.base.width;
    out.height = this.base.height;
    const context = out.getContext("2d");
    context.drawImage(this.base, 0, 0);
    context.drawImage(this.over, 0, 0);
    out.toBlob((blob) => {
      const link = make("a", { href: URL.createObjectURL(blob), download: `waveform-${Math.floor(state.from)}-${Math.ceil(state.to)}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }
}
