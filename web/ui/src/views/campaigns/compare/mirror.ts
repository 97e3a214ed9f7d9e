/** Draws |t| of two campaigns: one upwards, one downwards, each over its own whole trace, on one logarithmic height. */

import { FONT } from "../wave/chart";
import { GUTTER, RIGHT } from "../wave/geometry";
import type { Palette } from "../wave/palette";

const HEIGHT = 200;
const LIMIT = 4.5;

export interface Mirrored {
  readonly heights: readonly number[];
  /** Declared public: shown, not coloured. */
  readonly open: readonly boolean[];
}

export function drawMirror(canvas: HTMLCanvasElement, above: Mirrored, below: Mirrored, colors: Palette, names: { above: string; below: string }): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, HEIGHT);
  const most = [...above.heights, ...below.heights].filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 6);
  const middle = HEIGHT / 2;
  const room = middle - 10;
  // Linear up to the threshold, logarithmic beyond: as the waveform's own scale.
  const top = Math.asinh(most / LIMIT);
  const height = (value: number) => (Number.isFinite(value) ? (Math.asinh(value / LIMIT) / top) * room : room);
  const wide = width - GUTTER - RIGHT;
  const side = ({ heights, open }: Mirrored, direction: 1 | -1) => {
    const step = wide / Math.max(1, heights.length);
    for (const [at, value] of heights.entries()) {
      const x = GUTTER + at * step;
      const cool = height(Math.min(value, LIMIT));
      pen.fillStyle = colors.trace;
      pen.fillRect(x, direction === 1 ? middle - cool : middle, Math.max(step, 0.8), cool);
      if (value <= LIMIT) continue;
      const hot = height(value) - cool;
      pen.fillStyle = open[at] ? colors.line : colors.hot;
      pen.fillRect(x, direction === 1 ? middle - cool - hot : middle + cool, Math.max(step, 0.8), hot);
    }
  };
  side(above, 1);
  side(below, -1);
  pen.strokeStyle = colors["strong-line"];
  line(pen, middle, width);
  pen.strokeStyle = colors.soft;
  pen.setLineDash([5, 4]);
  for (const direction of [1, -1]) line(pen, middle - direction * height(LIMIT), width);
  pen.setLineDash([]);
  pen.font = FONT;
  pen.fillStyle = colors.dim;
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  for (const direction of [1, -1]) {
    pen.fillText("4.5", GUTTER - 7, middle - direction * height(LIMIT));
    pen.fillText(String(Number(most.toPrecision(3))), GUTTER - 7, middle - direction * (room - 4));
  }
  pen.textAlign = "left";
  pen.fillStyle = colors.ink;
  pen.fillText(names.above, GUTTER + 6, 12);
  pen.fillText(names.below, GUTTER + 6, HEIGHT - 10);
}

function line(pen: CanvasRenderingContext2D, y: number, width: number): void {
  pen.beginPath();
  pen.moveTo(GUTTER, Math.round(y) + 0.5);
  pen.lineTo(width - RIGHT, Math.round(y) + 0.5);
  pen.stroke();
}
