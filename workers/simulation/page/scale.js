/* From values to heights: linear, or compressed around the limit so that it stays readable beside large values. */
class Scale {
  constructor(lane, compress, top, bottom) {
    const unit = lane.limit ?? lane.most / 20;
    this.compress = compress && ["t1", "t2", "snr"].includes(lane.id);
    this.of = this.compress ? (value) => Math.asinh(value / unit) : (value) => value;
    const pad = lane.signed === null ? 0.08 * (lane.most - lane.least || 1) : 0;
    this.high = this.of(lane.signed === null ? lane.most + pad : 1.06 * lane.most);
    this.low = lane.signed === null ? lane.least - pad : lane.signed ? -this.high : 0;
    this.top = top;
    this.bottom = bottom;
    this.lane = lane;
  }

  y(value) {
    if (value === Infinity) return this.top;
    return this.bottom - ((this.of(value) - this.low) / (this.high - this.low)) * (this.bottom - this.top);
  }

  /* Values worth a mark, far enough apart to be read. */
  ticks() {
    const wanted = this.compress ? this.decades() : this.steps();
    const kept = [];
    for (const value of wanted) {
      const y = this.y(value);
      if (y > this.top - 1 && y < this.bottom + 1 && kept.every((other) => Math.abs(this.y(other) - y) >= 16)) kept.push(value);
    }
    return kept;
  }

  steps() {
    const raw = (this.high - this.low) / 5;
    const decade = 10 ** Math.floor(Math.log10(raw));
    const step = decade * ([1, 2, 5, 10].find((factor) => decade * factor >= raw) ?? 10);
    const values = [];
    for (let value = Math.ceil(this.low / step) * step; value <= this.high; value += step) values.push(Math.abs(value) < step / 1e6 ? 0 : value);
    return values;
  }

  decades() {
    const values = [0];
    for (let decade = 10 ** Math.floor(Math.log10(this.lane.most)); decade > (this.lane.limit ?? this.lane.most / 50) / 2; decade /= 10) {
      for (const value of [3 * decade, decade]) values.push(value, ...(this.lane.signed ? [-value] : []));
    }
    return values.sort((a, b) => Math.abs(b) - Math.abs(a));
  }

  /* All marks of an axis have as many digits as the one that needs most: none stands for another place. */
  digits(ticks) {
    const near = Math.min(...ticks.map((value) => Math.abs(value)).filter((size) => size > 0), this.high - this.low) / 1e6;
    const needs = (value) => [0, 1, 2, 3, 4, 5].find((digits) => Math.abs(Number(value.toFixed(digits)) - value) < near) ?? 6;
    return Math.max(0, ...ticks.map(needs));
  }
}
