/** A small plot of lines, as text and shapes that follow the theme. What it shows stands in a table beside it, too. */

import type { Axis, Point } from "./plot";
import { placing, runs, ticks } from "./plot";
import { useMedia } from "./use-media";

/** Drawn as large as it will be shown, as its text grows and shrinks with it. */
const WIDE = { width: 440, height: 210 };
const COMPACT = { width: 310, height: 180 };
const LEFT = 46;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 36;

export type Tone = "accent" | "hot" | "warm" | "trace";

export interface Curve {
  readonly name: string;
  readonly tone: Tone;
  readonly dashed?: boolean;
  readonly dots?: boolean;
  readonly points: readonly Point[];
  /** Least and greatest of an interval around each point; null where there is none. */
  readonly band?: readonly (readonly [low: number, high: number] | null)[];
}

interface LinePlotProps {
  /** Says what the plot shows to those who do not see it. */
  readonly label: string;
  readonly curves: readonly Curve[];
  readonly x: Axis;
  readonly y: Axis;
  readonly xName: string;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
  /** False where a heading says already what the one line is. */
  readonly legend?: boolean;
  /** One of several beside each other. */
  readonly compact?: boolean;
}

export function LinePlot({ label, curves, x, y, xName, xText, yText, legend = true, compact = false }: LinePlotProps) {
  const narrow = useMedia("(max-width: 720px)");
  const { width, height } = compact || narrow ? COMPACT : WIDE;
  const across = placing(x, width - LEFT - RIGHT);
  const up = placing(y, height - TOP - BOTTOM);
  const left = (value: number) => shifted(across(value), (at) => LEFT + at);
  const top = (value: number) => shifted(up(Math.min(Math.max(value, y.low), y.high)), (at) => height - BOTTOM - at);
  return (
    <figure class="plot">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {ticks(y, 5).map((value) => (
          <g key={value}>
            <path class="plot-grid" d={`M${LEFT} ${top(value)}H${width - RIGHT}`} />
            <text class="plot-text end" x={LEFT - 6} y={(top(value) ?? 0) + 4}>
              {yText(value)}
            </text>
          </g>
        ))}
        {ticks(x, 6).map((value) => (
          <text key={value} class="plot-text middle" x={left(value) ?? 0} y={height - BOTTOM + 15}>
            {xText(value)}
          </text>
        ))}
        <text class="plot-text middle" x={LEFT + (width - LEFT - RIGHT) / 2} y={height - 4}>
          {xName}
        </text>
        {curves.map((curve) => (
          <g key={curve.name} class={`plot-curve ${curve.tone} ${curve.dashed ? "dashed" : ""}`}>
            {curve.band && <polygon class="plot-band" points={outline(curve, left, top)} />}
            {runs(curve.points, left, top).map((points) => (
              <polyline key={points} points={points} />
            ))}
            {curve.dots &&
              curve.points.map(([at, value]) => {
                const [cx, cy] = [left(at), value === null ? null : top(value)];
                return cx === null || cy === null ? null : <circle key={at} cx={cx} cy={cy} r="3" />;
              })}
          </g>
        ))}
      </svg>
      {legend && (
        <figcaption class="plot-legend small dim">
          {curves.map((curve) => (
            <span key={curve.name} class={`${curve.tone} ${curve.dashed ? "dashed" : ""}`}>
              {curve.name}
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}

/** Around the points that have an interval: along the upper ends, and back along the lower ones. */
function outline({ points, band = [] }: Curve, left: (value: number) => number | null, top: (value: number) => number | null): string {
  const ends = points.flatMap(([at], place) => {
    const interval = band[place];
    return interval ? [{ at: left(at), low: top(interval[0]), high: top(interval[1]) }] : [];
  });
  return [...ends.map(({ at, high }) => `${at},${high}`), ...ends.reverse().map(({ at, low }) => `${at},${low}`)].join(" ");
}

function shifted(value: number | null, by: (value: number) => number): number | null {
  return value === null ? null : by(value);
}
