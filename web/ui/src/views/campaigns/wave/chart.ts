/** One curve over the samples in sight, drawn by uPlot: what lies beyond the limits is hot, infinite values have a mark. */

import type uPlot from "uplot";

import { tickTexts } from "../../../design/plot";
import { type Curve, type Frame, type Run, within } from "./curves";
import { GUTTER, PADDING, RIGHT } from "./geometry";
import { type Palette, palette } from "./palette";
import type { Span } from "./state";

export interface Drawn {
  readonly frame: Frame;
  readonly curve: Curve | undefined;
  readonly view: Span;
  /** Of |value|; null: nothing is too much. */
  readonly limit: number | null;
  readonly strict: number | null;
  readonly signed: boolean;
  readonly compressed: boolean;
  /** Largest magnitude anywhere, so that the scale stays while one moves. */
  readonly most: number;
  readonly least: number;
  readonly publicRuns: readonly Run[];
  readonly marks: readonly Span[];
  readonly selection: Span | null;
}

type Plot = uPlot;

/** uPlot's module, loaded when the first chart is shown. */
let loaded: Promise<typeof uPlot> | null = null;
export function charts(): Promise<typeof uPlot> {
  loaded ??= Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]).then(([module]) => module.default);
  return loaded;
}

export class Chart {
  private plot: Plot | null = null;
  private drawn: Drawn | null = null;
  private infinite: number[] = [];
  private wide = false;
  private kind = "";
  private readonly make: typeof uPlot;
  private readonly home: HTMLElement;
  private readonly height: number;

  constructor(make: typeof uPlot, home: HTMLElement, height: number) {
    this.make = make;
    this.home = home;
    this.height = height;
  }

  draw(drawn: Drawn, width: number): void {
    this.drawn = drawn;
    // A scale's distribution is uPlot's for good: another one is another plot.
    const kind = `${drawn.compressed} ${drawn.signed} ${drawn.limit}`;
    if (this.plot === null || this.kind !== kind) {
      this.plot?.destroy();
      this.kind = kind;
      this.plot = this.build(width, drawn);
    }
    if (this.plot.width !== width) this.plot.setSize({ width, height: this.height });
    const plot = this.plot;
    // The scales are ours, not the data's: uPlot keeps them until it is told.
    plot.batch(() => {
      plot.setData(this.data(drawn, width), false);
      plot.setScale("x", { min: drawn.view.from, max: drawn.view.to });
      const [min, max] = this.range();
      plot.setScale("y", { min, max });
    });
  }

  close(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private data({ frame, curve, publicRuns }: Drawn, width: number): uPlot.AlignedData {
    this.infinite = [];
    const count = curve === undefined ? 0 : Math.min(frame.pcs.length, curve.low.length);
    const pixels = (width - GUTTER - RIGHT) / Math.max(1, frame.pcs.length);
    this.wide = frame.stride === 1 && pixels >= 3;
    const half = frame.stride === 1 && this.wide ? 0 : frame.stride / 2;
    const [x, free, open]: [number[], (number | null)[], (number | null)[]] = [[], [], []];
    let run = 0;
    for (let at = 0; at < count; at += 1) {
      const start = frame.from + at * frame.stride;
      while (run < publicRuns.length && (publicRuns[run]?.[1] ?? 0) <= start) run += 1;
      const isPublic = run < publicRuns.length && (publicRuns[run]?.[0] ?? Infinity) <= start;
      const [low, high] = [curve?.low[at] ?? 0, curve?.high[at] ?? 0];
      if (!Number.isFinite(low) || !Number.isFinite(high)) this.infinite.push(start + frame.stride / 2);
      const values = low === high ? [finite(low)] : [finite(low), finite(high)];
      for (const [index, value] of values.entries()) {
        x.push(start + (this.wide ? 0 : (half * (index + 1)) / values.length));
        free.push(isPublic ? null : value);
        open.push(isPublic ? value : null);
      }
    }
    if (count > 0 && this.wide) {
      x.push(frame.to);
      free.push(free.at(-1) ?? null);
      open.push(open.at(-1) ?? null);
    }
    return [x, free, open];
  }

  private build(width: number, drawn: Drawn): Plot {
    const { linear, stepped } = this.make.paths;
    const [straight, steps] = [linear?.(), stepped?.({ align: 1 })];
    const paths: uPlot.Series.PathBuilder = (u, series, first, last) => (this.wide ? steps : straight)?.(u, series, first, last) ?? null;
    const line = { scale: "y", width: 1.25, points: { show: false }, paths, spanGaps: false };
    return new this.make(
      {
        width,
        height: this.height,
        padding: [PADDING, RIGHT, PADDING, 0],
        legend: { show: false },
        cursor: { show: false },
        select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        scales: {
          x: { time: false, auto: false, range: () => [this.drawn?.view.from ?? 0, this.drawn?.view.to ?? 1] },
          y: {
            auto: false,
            ...(drawn.compressed && drawn.limit !== null ? { distr: 4 as const, asinh: drawn.limit } : {}),
            range: () => this.range(),
          },
        },
        axes: [
          { show: false },
          {
            scale: "y",
            size: GUTTER,
            gap: 4,
            font: FONT,
            stroke: () => palette().dim,
            ticks: { show: false },
            grid: { stroke: () => palette().line, width: 1 },
            splits: (u, _axis, least, most) => ticks(u.bbox.height / devicePixelRatio, least, most, this.drawn),
            // On a logarithmic scale uPlot would leave most of them out.
            filter: (_u, splits) => splits,
            values: (_u, splits) => tickTexts(splits),
          },
        ],
        series: [{}, { ...line, stroke: (u) => this.stroke(u) }, { ...line, stroke: () => palette().trace }],
        hooks: { drawClear: [(u) => this.under(u)], draw: [(u) => this.over(u)] },
      },
      [[], [], []],
      this.home,
    );
  }

  private range(): [number, number] {
    if (this.drawn === null) return [0, 1];
    const { signed, most, least, limit } = this.drawn;
    const top = Math.max(most, (limit ?? 0) * 1.35, 1e-9);
    if (signed) return [-top * 1.04, top * 1.04];
    return limit === null && least !== 0 ? [least - (most - least) * 0.06, most + (most - least) * 0.06 + 1e-9] : [0, top * 1.06];
  }

  /** The line's colour by height: hot beyond the limits. */
  private stroke(u: Plot): CanvasGradient | string {
    const colors = palette();
    const { limit, signed } = this.drawn ?? { limit: null, signed: false };
    if (limit === null) return colors.accent;
    const { top, height } = u.bbox;
    const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
    const at = (value: number) => Math.min(1, Math.max(0, (u.valToPos(value, "y", true) - top) / height));
    const upper = at(limit);
    gradient.addColorStop(0, colors.hot);
    gradient.addColorStop(upper, colors.hot);
    gradient.addColorStop(upper, colors.trace);
    if (signed) {
      const lower = at(-limit);
      gradient.addColorStop(lower, colors.trace);
      gradient.addColorStop(lower, colors.hot);
      gradient.addColorStop(1, colors.hot);
    }
    return gradient;
  }

  private under(u: Plot): void {
    if (this.drawn === null) return;
    const { view, marks, selection, publicRuns } = this.drawn;
    const colors = palette();
    const { ctx } = u;
    const fill = (from: number, to: number, style: string | CanvasPattern, alpha: number) => {
      const [x0, x1] = span(u, from, to);
      if (x1 <= x0) return;
      ctx.globalAlpha = alpha;
      ctx.fillStyle = style;
      ctx.fillRect(x0, u.bbox.top, x1 - x0, u.bbox.height);
    };
    ctx.save();
    const pattern = hatch(ctx, colors);
    for (const [from, to] of within(publicRuns, view.from, view.to)) if (pattern) fill(from, to, pattern, 1);
    if (selection !== null) fill(selection.from, selection.to, colors.accent, 0.12);
    for (const mark of marks) fill(mark.from, mark.to, colors.accent, colors.dark ? 0.36 : 0.26);
    ctx.restore();
  }

  private over(u: Plot): void {
    if (this.drawn === null) return;
    const { limit, strict, signed } = this.drawn;
    const colors = palette();
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeStyle = colors.soft;
    for (const [value, dash] of [
      [limit, [5, 4]],
      [strict, [1.5, 3]],
    ] as const) {
      if (value === null) continue;
      ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
      for (const side of signed ? [value, -value] : [value]) {
        const y = Math.round(u.valToPos(side, "y", true)) + 0.5;
        if (y < top || y > top + height) continue;
        ctx.beginPath();
        ctx.moveTo(left, y);
        ctx.lineTo(left + width, y);
        ctx.stroke();
      }
    }
    ctx.setLineDash([]);
    ctx.fillStyle = colors.hot;
    let before = -Infinity;
    const size = 4.5 * devicePixelRatio;
    for (const sample of this.infinite) {
      const x = u.valToPos(sample, "x", true);
      if (x < left || x > left + width || x - before < size) continue;
      before = x;
      ctx.beginPath();
      ctx.moveTo(x, top - 1.6 * size);
      ctx.lineTo(x + size, top);
      ctx.lineTo(x - size, top);
      ctx.fill();
    }
    ctx.restore();
  }
}

export const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function span(u: Plot, from: number, to: number): [number, number] {
  const { left, width } = u.bbox;
  const x0 = Math.max(left, u.valToPos(from, "x", true));
  const x1 = Math.min(left + width, Math.max(u.valToPos(to, "x", true), x0 + devicePixelRatio));
  return [x0, x1];
}

const patterns = new WeakMap<CanvasRenderingContext2D, { color: string; pattern: CanvasPattern | null }>();

/** Lines that say: this was declared public. */
export function hatch(ctx: CanvasRenderingContext2D, colors: Palette): CanvasPattern | null {
  const kept = patterns.get(ctx);
  if (kept?.color === colors.line) return kept.pattern;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  if (pen !== null) {
    pen.strokeStyle = colors.line;
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
  }
  const pattern = ctx.createPattern(tile, "repeat");
  patterns.set(ctx, { color: colors.line, pattern });
  return pattern;
}

const CLOSEST = 14;

/** Ticks that are round numbers; on a compressed scale also the powers of ten beyond the limit. */
function ticks(height: number, least: number, most: number, drawn: Drawn | null): number[] {
  if (drawn !== null && drawn.compressed && drawn.limit !== null && most > 4 * drawn.limit) {
    const { limit } = drawn;
    const found = [0, limit];
    // Pixels above the middle, or the bottom: two ticks must not touch.
    const at = (value: number) => ((drawn.signed ? height / 2 : height) * Math.asinh(value / limit)) / Math.asinh(most / limit);
    const add = (value: number) => at(value) - at(found.at(-1) ?? 0) >= CLOSEST && found.push(value);
    for (let power = 10 ** Math.ceil(Math.log10(2.2 * limit)); power <= most; power *= 10) add(power);
    if (most > 2.5 * (found.at(-1) ?? 0)) add(round(most / 1.04));
    return (drawn.signed ? [...found.slice(1).map((value) => -value), ...found] : found).sort((a, b) => a - b);
  }
  const raw = (most - least) / Math.max(2, Math.floor(height / 24));
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = decade * ([1, 2, 5, 10].find((factor) => decade * factor >= raw) ?? 10);
  const found: number[] = [];
  for (let value = Math.ceil(least / step) * step; value <= most; value += step) found.push(Math.abs(value) < step / 2 ? 0 : value);
  return found;
}

function round(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return Math.floor(value / decade) * decade;
}
