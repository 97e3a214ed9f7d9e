/* Draws one curve between two heights: the extremes of every pixel column, or steps where samples are wide. */
class Painter {
  constructor(context, left, width, from, to) {
    Object.assign(this, { context, left, width, from, to });
    this.perPixel = (to - from) / width;
  }

  x(index) {
    return this.left + ((index - this.from) / (this.to - this.from)) * this.width;
  }

  lane(lane, scale) {
    const { context } = this;
    this.grid(scale);
    this.limits(lane, scale);
    if (this.perPixel > 1) this.columns(lane, scale);
    else this.steps(lane, scale);
    this.infinite(lane.values, scale);
  }

  grid(scale) {
    const { context } = this;
    context.font = `11px ${colour("sans")}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const ticks = scale.ticks();
    const digits = scale.digits(ticks);
    for (const value of ticks) {
      const y = Math.round(scale.y(value)) + 0.5;
      context.strokeStyle = colour(value === 0 ? "strong-line" : "line");
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(this.left, y);
      context.lineTo(this.left + this.width, y);
      context.stroke();
      context.fillStyle = colour("dim");
      context.fillText(fixed(value, digits), this.left - 7, y);
    }
  }

  limits(lane, scale) {
    const { context } = this;
    const lines = [[lane.limit, [5, 4]], [lane.strict, [1.5, 3]]].filter(([limit]) => limit !== null);
    context.strokeStyle = colour("soft");
    context.lineWidth = 1;
    for (const [limit, dashes] of lines) {
      context.setLineDash(dashes);
      context.beginPath();
      for (const value of lane.signed ? [limit, -limit] : [limit]) {
        const y = Math.round(scale.y(value)) + 0.5;
        context.moveTo(this.left, y);
        context.lineTo(this.left + this.width, y);
      }
      context.stroke();
    }
    context.setLineDash([]);
  }

  /* One upright bar a pixel, from the least to the most of its samples. Bars cost a fraction of stroked paths. */
  columns(lane, scale) {
    const { context } = this;
    const { values, limit } = lane;
    const cool = colour(limit === null ? "curve-2" : "trace");
    const hot = colour("hot");
    const above = limit === null ? 0 : scale.y(limit);
    const below = limit === null ? 0 : scale.y(-limit);
    const bars = [];
    let [before, after] = [null, null];
    context.fillStyle = cool;
    for (let column = 0; column < this.width; column += 1) {
      const first = Math.floor(this.from + column * this.perPixel);
      const last = Math.min(COUNT, Math.max(first + 1, Math.floor(this.from + (column + 1) * this.perPixel)));
      let [low, high, lowFree, highFree] = [Infinity, -Infinity, Infinity, -Infinity];
      for (let index = first; index < last; index += 1) {
        const value = values[index];
        if (value < low) low = value;
        if (value > high) high = value;
        if (isPublic(rowAt(index))) continue;
        if (value < lowFree) lowFree = value;
        if (value > highFree) highFree = value;
      }
      if (high === -Infinity) continue;
      let [top, bottom] = [scale.y(high), scale.y(low)];
      const ends = [top, bottom];
      /* Neighbouring bars touch, so that the curve stays one line. */
      if (before !== null) {
        top = Math.min(top, after);
        bottom = Math.max(bottom, before);
      }
      [before, after] = ends;
      const x = this.left + column;
      context.fillRect(x, top, 1, Math.max(1, bottom - top));
      /* A pixel may hold public samples too: only the others are coloured. */
      if (limit === null || highFree === -Infinity) continue;
      const [upper, lower] = [highFree === high ? top : scale.y(highFree), lowFree === low ? bottom : scale.y(lowFree)];
      if (highFree > limit) bars.push(x, upper, Math.min(lower, above) - upper);
      if (lane.signed && lowFree < -limit) bars.push(x, Math.max(upper, below), lower - Math.max(upper, below));
    }
    context.fillStyle = hot;
    for (let index = 0; index < bars.length; index += 3) context.fillRect(bars[index], bars[index + 1], 1, bars[index + 2]);
  }

  /* Every sample has the width of its code in the band. */
  steps(lane, scale) {
    const { context } = this;
    const path = new Path2D();
    const [first, last] = [Math.max(0, Math.floor(this.from)), Math.min(COUNT, Math.ceil(this.to))];
    for (let index = first; index < last; index += 1) {
      const y = scale.y(lane.values[index]);
      if (index === first) path.moveTo(this.x(index), y);
      else path.lineTo(this.x(index), y);
      path.lineTo(this.x(index + 1), y);
    }
    context.save();
    context.beginPath();
    context.rect(this.left, scale.top - 4, this.width, scale.bottom - scale.top + 8);
    context.clip();
    context.lineWidth = 1.4;
    context.lineJoin = "round";
    context.strokeStyle = colour(lane.limit === null ? "curve-2" : "trace");
    context.stroke(path);
    if (lane.limit !== null) {
      context.clip(this.beyond(lane, scale));
      context.strokeStyle = colour("hot");
      context.lineWidth = 1.7;
      context.stroke(path);
    }
    context.restore();
  }

  /* The area beyond the limit, declared-public code left out. */
  beyond(lane, scale) {
    const area = new Path2D();
    const right = this.left + this.width;
    const add = (from, to) => {
      if (to <= from) return;
      area.rect(from, scale.top - 3, to - from, scale.y(lane.limit) - scale.top + 3);
      if (lane.signed) area.rect(from, scale.y(-lane.limit), to - from, scale.bottom - scale.y(-lane.limit) + 3);
    };
    let at = this.left;
    for (const [from, to] of this.visible(PUBLIC_RUNS)) {
      add(at, Math.max(this.left, this.x(from)));
      at = Math.min(right, Math.max(at, this.x(to)));
    }
    add(at, right);
    return area;
  }

  /* An infinite value has no height: a triangle at the edge says that it is there. */
  infinite(values, scale) {
    const { context } = this;
    let drawn = -Infinity;
    for (let index = Math.max(0, Math.floor(this.from)); index < Math.min(COUNT, this.to); index += 1) {
      if (values[index] !== Infinity) continue;
      const x = this.x(index + 0.5);
      if (x - drawn < 4) continue;
      drawn = x;
      context.fillStyle = colour(isPublic(rowAt(index)) ? "trace" : "hot");
      context.beginPath();
      context.moveTo(x, scale.top - 8);
      context.lineTo(x + 4.5, scale.top - 1);
      context.lineTo(x - 4.5, scale.top - 1);
      context.fill();
    }
  }

  visible(runs) {
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (runs[middle][1] <= this.from) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (let index = low; index < runs.length && runs[index][0] < this.to; index += 1) found.push(runs[index]);
    return found;
  }

  hatched(top, bottom) {
    const { context } = this;
    context.fillStyle = hatch(context);
    for (const [from, to] of this.visible(PUBLIC_RUNS)) {
      const [x0, x1] = this.within(from, to);
      context.fillRect(x0, top, x1 - x0, bottom - top);
    }
  }

  /* Shade every sample of the chosen instructions. */
  shade(rows, top, bottom) {
    if (!rows) return;
    const { context } = this;
    context.fillStyle = colour("accent");
    context.globalAlpha = 0.2;
    let end = -Infinity;
    for (let index = Math.max(0, Math.floor(this.from)); index < Math.min(COUNT, this.to); index += 1) {
      if (!rows.has(rowAt(index))) continue;
      const [x0, x1] = this.within(index, index + 1);
      const start = Math.max(x0, end);
      end = Math.max(x1, x0 + 1.5);
      if (end > start) context.fillRect(start, top, end - start, bottom - top);
    }
    context.globalAlpha = 1;
  }

  within(from, to) {
    return [Math.max(this.left, this.x(from)), Math.min(this.left + this.width, this.x(to))];
  }
}
