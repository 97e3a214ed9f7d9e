/* The code under the curves: how hot each moment is, whose function it is, which line, which instruction. */
const BAND = { heat: 10, gap: 2, functions: 22, lines: 20, text: 20, axis: 24 };
const INSTRUCTION_WIDTH = 46;

const hue = (index) => Math.round((index * 137.508 + 205) % 360);
const segmentColour = (index, shift = 0) =>
  index < 0 ? colour("line") : `hsl(${hue(index)} 34% calc(${colour("segment-light")} + ${shift}%))`;

function bandHeight(pixelsPerSample) {
  const heats = (laneOf("t1") ? 1 : 0) + (laneOf("rho") ? 1 : 0);
  const text = pixelsPerSample >= INSTRUCTION_WIDTH ? BAND.text : 0;
  return heats * (BAND.heat + 2) + BAND.gap + BAND.functions + BAND.lines + text + BAND.axis;
}

class Band {
  constructor(painter) {
    this.painter = painter;
    this.context = painter.context;
  }

  draw(top) {
    let y = top;
    for (const id of ["t1", "rho"]) {
      if (!laneOf(id)) continue;
      this.heat(laneOf(id), y);
      y += BAND.heat + 2;
    }
    y += BAND.gap;
    this.segments(FUNCTION_RUNS, y, BAND.functions, (run) => run[2], (run) => [NAMES.function[run[2]] ?? "no symbol"], 0);
    y += BAND.functions;
    const rowOf = (run) => rowAt(run[0]);
    this.segments(
      LINE_RUNS, y, BAND.lines, (run) => ROWS.function[rowOf(run)],
      (run) => {
        const [file, line] = [ROWS.file[rowOf(run)], ROWS.line[rowOf(run)]];
        return line === null ? [] : [`${line}  ${sourceText(file, line).trim()}`.trim(), String(line)];
      },
      (run) => ((ROWS.line[rowOf(run)] ?? 0) % 2 ? -3 : 3) * (colour("segment-ink") === "#e8ebee" ? 1 : -1),
    );
    y += BAND.lines;
    if (1 / this.painter.perPixel >= INSTRUCTION_WIDTH) {
      this.instructions(y);
      y += BAND.text;
    }
    this.painter.hatched(top, y);
    this.axis(y);
    return y;
  }

  /* Two strips, t above ρ: the stronger, the more opaque. */
  heat(lane, y) {
    const { context, painter } = this;
    const strength = lane.id === "t1" ? (value) => tHeat(Math.abs(value)) : (value) => value;
    context.fillStyle = colour("line");
    context.fillRect(painter.left, y, painter.width, BAND.heat);
    context.fillStyle = colour("hot");
    for (let column = 0; column < painter.width; column += 1) {
      const first = Math.floor(painter.from + column * painter.perPixel);
      const last = Math.min(COUNT, Math.max(first + 1, Math.floor(painter.from + (column + 1) * painter.perPixel)));
      let most = 0;
      for (let index = first; index < last; index += 1) {
        const value = Math.abs(lane.values[index]);
        if (value > most && value > lane.limit && !isPublic(rowAt(index))) most = value;
      }
      if (!most) continue;
      context.globalAlpha = 0.25 + 0.75 * strength(most);
      context.fillRect(painter.left + column, y, 1, BAND.heat);
    }
    context.globalAlpha = 1;
    context.fillStyle = colour("dim");
    context.font = `10px ${colour("sans")}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(lane.id === "t1" ? "|t|" : "|ρ|", painter.left - 7, y + BAND.heat / 2);
  }

  segments(runs, y, height, colourIndex, labels, shift) {
    const { context, painter } = this;
    context.font = `11.5px ${colour("sans")}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    let painted = -Infinity;
    for (const run of painter.visible(runs)) {
      const [x0, x1] = painter.within(run[0], run[1]);
      if (x1 - painted < 0.5) continue;
      painted = x1;
      context.fillStyle = segmentColour(colourIndex(run), typeof shift === "function" ? shift(run) : shift);
      context.fillRect(x0, y, Math.max(0.6, x1 - x0), height - 1);
      if (x1 - x0 > 5) {
        context.fillStyle = colour("card");
        context.fillRect(x1 - 1, y, 1, height - 1);
      }
      this.label(labels(run), x0, x1, y + height / 2);
    }
  }

  label(texts, x0, x1, y) {
    const { context } = this;
    const room = x1 - x0 - 10;
    if (room < 10) return;
    const text = texts.find((candidate) => context.measureText(candidate).width <= room) ?? (room > 60 ? this.cut(texts[0], room) : null);
    if (!text) return;
    context.fillStyle = colour("segment-ink");
    context.fillText(text, x0 + 5, y);
  }

  cut(text, room) {
    if (!text) return null;
    let length = Math.min(text.length, Math.ceil(room / 4));
    while (length > 1 && this.context.measureText(text.slice(0, length) + "…").width > room) length -= 1;
    return text.slice(0, length) + "…";
  }

  instructions(y) {
    const { context, painter } = this;
    context.font = `11px ${colour("mono")}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (let index = Math.floor(painter.from); index < Math.min(COUNT, painter.to); index += 1) {
      const [x0, x1] = painter.within(index, index + 1);
      const text = textOf(rowAt(index));
      context.fillStyle = colour("well");
      context.fillRect(x0, y, x1 - x0 - 1, BAND.text - 1);
      this.label([text, text.split(" ")[0]], x0, x1, y + BAND.text / 2);
    }
  }

  axis(y) {
    const { context, painter } = this;
    const raw = (painter.to - painter.from) / Math.max(2, Math.floor(painter.width / 85));
    const decade = 10 ** Math.floor(Math.log10(Math.max(1, raw)));
    const step = decade * ([1, 2, 5, 10].find((factor) => decade * factor >= raw) ?? 10);
    context.font = `11px ${colour("sans")}`;
    context.textBaseline = "top";
    context.fillStyle = colour("dim");
    context.strokeStyle = colour("strong-line");
    for (let index = Math.ceil(painter.from / step) * step; index < painter.to; index += step) {
      const x = Math.round(painter.x(index)) + 0.5;
      context.beginPath();
      context.moveTo(x, y + 1);
      context.lineTo(x, y + 5);
      context.stroke();
      const text = whole(sampleOf(index));
      const half = context.measureText(text).width / 2;
      context.textAlign = "center";
      context.fillText(text, Math.min(painter.left + painter.width - half, Math.max(half, x)), y + 8);
    }
  }
}
