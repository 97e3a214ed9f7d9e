/** The waveform: a statistic above, the power below, the code under both; one view, one cursor, one selection. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Skeleton } from "../../../design/skeleton";
import { number } from "../../../i18n/format";
import type { CurveName } from "../types";
import { words } from "../words";
import { type Banded, drawBand } from "./band";
import { Chart, type Drawn, charts } from "./chart";
import type { Code } from "./code-map";
import { type Frame, largest, runsOf } from "./curves";
import { GUTTER, LOWER, RIGHT, UPPER, bandHeight } from "./geometry";
import { useGestures } from "./gestures";
import { Overview } from "./overview";
import { palette } from "./palette";
import { Readout } from "./readout";
import type { Wave } from "./state";
import { Toolbar } from "./toolbar";
import { useFrame, useMarks } from "./use-frame";

export interface Limits {
  readonly t: number | null;
  readonly corrected: number | null;
  /** The noise floor of the attack; null without one. */
  readonly rho: number | null;
}

const NONE: readonly number[] = [];

interface WaveformProps {
  readonly wave: Wave;
  readonly base: Frame;
  readonly code: Code;
  readonly limits: Limits;
  readonly unit: string;
  /** Whose samples can be asked for; null while it runs. */
  readonly id: string | null;
  /** Why there is no t-test. */
  readonly absent?: string | null;
  readonly children?: ComponentChildren;
}

export function Waveform({ wave, base, code, limits, unit, id, absent, children }: WaveformProps) {
  const said = words();
  const home = useRef<HTMLDivElement>(null);
  const width = useWidth(home);
  const points = Math.max(64, width - GUTTER - RIGHT);
  const view = wave.view.value;
  const frame = useFrame(base, view, points, id);
  const pinned = wave.pinned.value;
  const marks = useMarks(base, view, points, pinned?.addresses ?? NONE, id);
  const runs = useMemo(
    () => ({
      functions: runsOf(frame, code.functionOf),
      lines: code.hasLines ? runsOf(frame, code.lineOf) : [],
      open: runsOf(frame, (pc) => (code.isPublic(pc) ? 1 : 0)).filter((run) => run[2] === 1),
    }),
    [frame, code],
  );
  const shown = wave.curve.value;
  const upper: Drawn = {
    ...scaleOf(base, shown, limits),
    frame,
    curve: frame.curves[shown],
    view,
    compressed: wave.compressed.value,
    publicRuns: runs.open,
    marks,
    selection: wave.selection.value,
  };
  const lower: Drawn = { ...upper, ...scaleOf(base, "mean", limits), curve: frame.curves.mean };
  const band: Banded = {
    frame,
    view,
    code,
    functionRuns: runs.functions,
    lineRuns: runs.lines,
    publicRuns: runs.open,
    marks,
    selection: wave.selection.value,
    tLimit: base.curves.t1 || id === null ? (limits.t ?? 4.5) : null,
    rhoLimit: limits.rho,
    words: { noSymbol: said.noSymbol },
    formatted: (sample) => number(sample),
  };
  const gestures = useGestures(wave, home, base, code);
  // As tall as it can be: nothing moves when a report has more to show than was there while it ran.
  const height = UPPER + LOWER + bandHeight(2, true);
  return (
    <div class="wave">
      <Toolbar wave={wave} base={base} />
      <Overview wave={wave} base={base} code={code} limit={limits.t ?? 4.5} width={width} />
      <div class="wave-plots" ref={home} style={{ height: `${height}px` }}>
        {width > 0 && <Plot drawn={upper} width={width} height={UPPER} />}
        {width > 0 && <Plot drawn={lower} width={width} height={LOWER} />}
        {width > 0 && <BandCanvas banded={band} width={width} />}
        <span class="wave-name">{said.curveNames(shown)}</span>
        {base.curves[shown] === undefined && <p class="wave-absent dim">{absent ? said.noCurve(absent) : said.waveSoon}</p>}
        <span class="wave-name wave-name-power" style={{ top: `${UPPER + 6}px` }}>
          {said.power(unit)}
        </span>
        <div
          class={`wave-hands ${wave.mode.value}`}
          style={{ left: `${GUTTER}px`, right: `${RIGHT}px` }}
          tabIndex={0}
          role="application"
          aria-roledescription={said.waveform}
          aria-label={said.waveformHelp}
          {...gestures}
        />
        <Cursor wave={wave} width={width} height={height} />
      </div>
      <Readout wave={wave} frame={frame} base={base} code={code} unit={unit} />
      {children}
    </div>
  );
}

function Plot({ drawn, width, height }: { drawn: Drawn; width: number; height: number }) {
  const home = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const [ready, setReady] = useState(false);
  const colors = palette();
  useEffect(() => {
    let gone = false;
    void charts().then((make) => {
      if (gone || home.current === null) return;
      chart.current = new Chart(make, home.current, height);
      setReady(true);
    });
    return () => {
      gone = true;
      chart.current?.close();
      chart.current = null;
    };
  }, [height]);
  useEffect(() => {
    if (ready) chart.current?.draw(drawn, width);
  });
  void colors;
  return (
    <div class="wave-plot" style={{ height: `${height}px` }} ref={home} aria-hidden="true">
      {!ready && <Skeleton lines={3} />}
    </div>
  );
}

function BandCanvas({ banded, width }: { banded: Banded; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  palette();
  useEffect(() => {
    if (canvas.current !== null) drawBand(canvas.current, banded, width);
  });
  return <canvas class="wave-band" ref={canvas} aria-hidden="true" />;
}

function Cursor({ wave, width, height }: { wave: Wave; width: number; height: number }) {
  const at = wave.cursor.value ?? wave.pinned.value?.sample ?? null;
  const { from, to } = wave.view.value;
  if (at === null || at + 0.5 < from || at + 0.5 > to) return null;
  const x = GUTTER + ((at + 0.5 - from) / (to - from)) * (width - GUTTER - RIGHT);
  return <div class="wave-cursor" style={{ transform: `translateX(${x}px)`, height: `${height}px` }} />;
}

/** The scale of a curve, over the whole trace: it stays while one moves about. */
function scaleOf(base: Frame, name: CurveName, limits: Limits): Pick<Drawn, "limit" | "strict" | "signed" | "most" | "least"> {
  const curve = base.curves[name];
  if (name === "mean") {
    let [least, most] = [Infinity, -Infinity];
    if (curve !== undefined) {
      for (const value of curve.low) least = Math.min(least, value);
      for (const value of curve.high) most = Math.max(most, value);
    }
    return { limit: null, strict: null, signed: false, least: Number.isFinite(least) ? least : 0, most: Number.isFinite(most) ? most : 1 };
  }
  const { value } = largest(curve);
  const isT = name === "t1" || name === "t2";
  const limit = isT ? (limits.t ?? 4.5) : name === "rho" ? limits.rho : null;
  return { limit, strict: isT ? limits.corrected : null, signed: isT, most: isT ? Math.max(value, 6) : value, least: 0 };
}

function useWidth(home: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = home.current;
    if (element === null) return undefined;
    const sizes = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    sizes.observe(element);
    setWidth(Math.floor(element.clientWidth));
    return () => sizes.disconnect();
  }, []);
  return width;
}
