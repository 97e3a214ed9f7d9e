/** The code under the curves: how hot each moment is, whose function it is, which line, which instruction. */

import { FONT, hatch } from "./chart";
import type { Code } from "./code-map";
import { fileName, instructionText } from "./code-map";
import { type Frame, type Run, hueOf, within } from "./curves";
import { AXIS, FUNCTIONS, GUTTER, HEAT, LINES, READABLE, RIGHT, TEXT, bandHeight } from "./geometry";
import { type Palette, palette, segment } from "./palette";
import type { Span } from "./state";

export interface Banded {
  readonly frame: Frame;
  readonly view: Span;
  readonly code: Code;
  readonly functionRuns: readonly Run[];
  readonly lineRuns: readonly Run[];
  readonly publicRuns: readonly Run[];
  readonly marks: readonly Span[];
  readonly selection: Span | null;
  readonly tLimit: number | null;
  readonly rhoLimit: number | null;
  readonly words: { readonly noSymbol: string };
  readonly formatted: (sample: number) => string;
}

const MONO = '11px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

export function drawBand(canvas: HTMLCanvasElement, banded: Banded, width: number): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const heats = Number(banded.tLimit !== null) + Number(banded.rhoLimit !== null);
  const height = bandHeight(heats, banded.code.hasLines);
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  new Band(pen, banded, width).draw();
}

class Band {
  private readonly colors: Palette = palette();
  private readonly wide: number;
  private readonly pen: CanvasRenderingContext2D;
  private readonly at: Banded;

  constructor(pen: CanvasRenderingContext2D, at: Banded, width: number) {
    this.pen = pen;
    this.at = at;
    this.wide = width - GUTTER - RIGHT;
  }

  draw(): void {
    const { tLimit, rhoLimit, code, view, lineRuns, functionRuns, publicRuns } = this.at;
    let y = 0;
    if (tLimit !== null) y = this.heat("t1", "|t|", tLimit, y);
    if (rhoLimit !== null) y = this.heat("rho", "|ρ|", rhoLimit, y);
    y += 4;
    const top = y;
    for (const [from, to, index] of within(functionRuns, view.from, view.to)) {
      const name = code.functions[index];
      this.box(from, to, y, FUNCTIONS - 1, name === undefined ? this.colors.line : segment(hueOf(name), this.colors));
      this.label([name ?? this.at.words.noSymbol], from, to, y, FUNCTIONS, FONT);
    }
    y += FUNCTIONS;
    if (code.hasLines) {
      for (const [from, to, line] of within(lineRuns, view.from, view.to)) {
        const place = line < 0 ? null : this.placeAt(from);
        const hue = place?.function ? segment(hueOf(place.function), this.colors, (place.line ?? 0) % 2 ? 3 : -2) : this.colors.line;
        this.box(from, to, y, LINES - 1, hue);
        if (place?.line != null && place.file !== null) this.label([`${fileName(place.file)}:${place.line}`, String(place.line)], from, to, y, LINES, FONT);
      }
      y += LINES;
    }
    const pattern = hatch(this.pen, this.colors);
    if (pattern) for (const [from, to] of within(publicRuns, view.from, view.to)) this.box(from, to, top, y - top - 1, pattern);
    if (this.wide / (view.to - view.from) >= READABLE) this.instructions(y);
    y += TEXT;
    this.shade(top, y);
    this.axis(y);
  }

  /** A strip whose colour is stronger where more leaks. */
  private heat(name: "t1" | "rho", title: string, limit: number, y: number): number {
    const { frame, view, code } = this.at;
    const curve = frame.curves[name];
    this.pen.fillStyle = this.colors.line;
    this.pen.globalAlpha = 0.6;
    this.pen.fillRect(GUTTER, y, this.wide, HEAT);
    this.pen.fillStyle = this.colors.hot;
    const columns = new Float64Array(this.wide + 1);
    for (let bucket = 0; curve !== undefined && bucket < curve.low.length; bucket += 1) {
      const value = Math.max(Math.abs(curve.low[bucket] ?? 0), Math.abs(curve.high[bucket] ?? 0));
      if (value <= limit || code.isPublic(frame.pcs[bucket] ?? 0)) continue;
      const strength = name === "rho" ? value : strengthOf(value, limit);
      const start = frame.from + bucket * frame.stride;
      const first = Math.max(0, Math.floor(((start - view.from) / (view.to - view.from)) * this.wide));
      const last = Math.min(this.wide, Math.max(first + 1, Math.ceil(((start + frame.stride - view.from) / (view.to - view.from)) * this.wide)));
      for (let x = first; x < last; x += 1) columns[x] = Math.max(columns[x] ?? 0, strength);
    }
    for (let x = 0; x < this.wide; x += 1) {
      const strength = columns[x] ?? 0;
      if (strength === 0) continue;
      this.pen.globalAlpha = 0.22 + 0.78 * Math.min(1, strength);
      this.pen.fillRect(GUTTER + x, y, 1, HEAT);
    }
    this.pen.globalAlpha = 1;
    this.text(title, GUTTER - 7, y + HEAT / 2 + 0.5, "right");
    return y + HEAT + 2;
  }

  private instructions(y: number): void {
    const { frame, view, code } = this.at;
    if (frame.stride !== 1) return;
    for (let sample = Math.max(0, Math.floor(view.from)); sample < Math.min(view.to, frame.to); sample += 1) {
      const place = code.placeOf(frame.pcs[sample - frame.from] ?? -1);
      if (place === null) continue;
      this.box(sample, sample + 1, y, TEXT - 1, this.colors.well);
      this.label([instructionText(place), place.mnemonic], sample, sample + 1, y, TEXT, MONO);
    }
  }

  private shade(top: number, bottom: number): void {
    const { marks, selection } = this.at;
    this.pen.fillStyle = this.colors.accent;
    const fill = ({ from, to }: Span, alpha: number) => {
      const [x0, x1] = this.ends(from, to);
      this.pen.globalAlpha = alpha;
      if (x1 > x0) this.pen.fillRect(x0, top, x1 - x0, bottom - top);
    };
    if (selection !== null) fill(selection, 0.14);
    for (const mark of marks) fill(mark, 0.3);
    this.pen.globalAlpha = 1;
  }

  private axis(y: number): void {
    const { view, formatted } = this.at;
    const raw = (view.to - view.from) / Math.max(2, Math.floor(this.wide / 90));
    const decade = 10 ** Math.floor(Math.log10(Math.max(1, raw)));
    const step = decade * ([1, 2, 5, 10].find((factor) => decade * factor >= raw) ?? 10);
    this.pen.strokeStyle = this.colors["strong-line"];
    for (let sample = Math.ceil(view.from / step) * step; sample < view.to; sample += step) {
      const x = Math.round(this.x(sample)) + 0.5;
      this.pen.beginPath();
      this.pen.moveTo(x, y + 2);
      this.pen.lineTo(x, y + 6);
      this.pen.stroke();
      const text = formatted(sample);
      const half = this.pen.measureText(text).width / 2;
      this.text(text, Math.min(GUTTER + this.wide - half, Math.max(GUTTER + half, x)), y + AXIS - 9, "center");
    }
  }

  private placeAt(sample: number) {
    const { frame, code } = this.at;
    return code.placeOf(frame.pcs[Math.floor((sample - frame.from) / frame.stride)] ?? -1);
  }

  private x(sample: number): number {
    const { view } = this.at;
    return GUTTER + ((sample - view.from) / (view.to - view.from)) * this.wide;
  }

  private ends(from: number, to: number): [number, number] {
    const x0 = Math.max(GUTTER, this.x(from));
    return [x0, Math.min(GUTTER + this.wide, Math.max(this.x(to), x0 + 0.6))];
  }

  private box(from: number, to: number, y: number, height: number, fill: string | CanvasPattern): void {
    const [x0, x1] = this.ends(from, to);
    if (x1 <= x0) return;
    this.pen.fillStyle = fill;
    this.pen.fillRect(x0, y, x1 - x0, height);
    if (x1 - x0 > 5 && typeof fill === "string") {
      this.pen.fillStyle = this.colors.card;
      this.pen.fillRect(x1 - 1, y, 1, height);
    }
  }

  /** Write the first text that fits; cut the last one where it almost does. */
  private label(texts: readonly string[], from: number, to: number, y: number, height: number, font: string): void {
    const [x0, x1] = this.ends(from, to);
    const room = x1 - x0 - 9;
    if (room < 9) return;
    this.pen.font = font;
    let text = texts.find((one) => this.pen.measureText(one).width <= room);
    if (text === undefined && room > 46) text = this.cut(texts.at(-1) ?? "", room);
    if (text === undefined) return;
    this.pen.fillStyle = this.colors.ink;
    this.pen.textAlign = "left";
    this.pen.textBaseline = "middle";
    this.pen.fillText(text, x0 + 5, y + height / 2);
  }

  private cut(text: string, room: number): string {
    let length = Math.min(text.length, Math.ceil(room / 5));
    while (length > 1 && this.pen.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
    return `${text.slice(0, length)}…`;
  }

  private text(text: string, x: number, y: number, align: CanvasTextAlign): void {
    this.pen.font = FONT;
    this.pen.fillStyle = this.colors.dim;
    this.pen.textAlign = align;
    this.pen.textBaseline = "middle";
    this.pen.fillText(text, x, y);
  }
}

/** 0 at the limit, 1 at fifty times it: a logarithmic scale, as differences of t are. */
export function strengthOf(value: number, limit: number): number {
  if (!Number.isFinite(value)) return 1;
  return Math.min(1, Math.max(0, Math.log(value / limit) / Math.log(50)));
}
