/** The whole trace in one strip, and which part of it is in sight: to be dragged. */

import { useEffect, useRef } from "preact/hooks";

import { strengthOf } from "./band";
import type { Code } from "./code-map";
import { type Frame, hueOf, runsOf, thinned } from "./curves";
import { GUTTER, RIGHT } from "./geometry";
import { palette, segment } from "./palette";
import type { Wave } from "./state";

const HEIGHT = 26;
const STRIP = 6;

export function Overview({ wave, base, code, limit, width }: { wave: Wave; base: Frame; code: Code; limit: number; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grabbed = useRef<number | null>(null);
  const colors = palette();
  const wide = Math.max(1, width - GUTTER - RIGHT);
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!canvas.current || !pen) return;
    const ratio = devicePixelRatio;
    canvas.current.width = Math.round(wide * ratio);
    canvas.current.height = Math.round(HEIGHT * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, HEIGHT);
    const whole = thinned(base, 0, base.to, wide);
    const x = (sample: number) => (sample / Math.max(1, wave.samples)) * wide;
    for (const [from, to, index] of runsOf(whole, code.functionOf)) {
      const name = code.functions[index];
      pen.fillStyle = name === undefined ? colors.line : segment(hueOf(name), colors);
      pen.fillRect(x(from), HEIGHT - STRIP, x(to) - x(from), STRIP);
    }
    const curve = whole.curves.t1 ?? whole.curves.rho;
    for (let at = 0; curve !== undefined && at < curve.low.length; at += 1) {
      const value = Math.max(Math.abs(curve.low[at] ?? 0), Math.abs(curve.high[at] ?? 0));
      const hot = value > limit && !code.isPublic(whole.pcs[at] ?? 0);
      const height = Math.max(1, (HEIGHT - STRIP - 3) * (value > limit ? 0.3 + 0.7 * strengthOf(value, limit) : (0.3 * value) / limit));
      pen.fillStyle = hot ? colors.hot : colors.trace;
      pen.fillRect(x(whole.from + at * whole.stride), HEIGHT - STRIP - 1 - height, Math.max(1, x(whole.stride)), height);
    }
  });
  const { from, to } = wave.view.value;
  const share = (value: number) => Math.min(1, Math.max(0, value / Math.max(1, wave.samples)));
  const go = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * wave.samples;
    const half = (wave.view.value.to - wave.view.value.from) / 2;
    const grip = grabbed.current ?? 0;
    wave.show(at - grip - half, at - grip + half);
  };
  const down = (event: PointerEvent) => {
    const target = event.currentTarget as HTMLElement;
    target.setPointerCapture(event.pointerId);
    const box = target.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * wave.samples;
    const view = wave.view.value;
    grabbed.current = at >= view.from && at <= view.to ? at - (view.from + view.to) / 2 : 0;
    go(event);
  };
  return (
    <div
      class="wave-overview"
      style={{ marginLeft: `${GUTTER}px`, marginRight: `${RIGHT}px` }}
      onPointerDown={down}
      onPointerMove={(event) => grabbed.current !== null && go(event)}
      onPointerUp={() => (grabbed.current = null)}
      onPointerCancel={() => (grabbed.current = null)}
      aria-hidden="true"
    >
      <canvas ref={canvas} />
      {!wave.whole && <div class="wave-window" style={{ left: `${100 * share(from)}%`, width: `${100 * (share(to) - share(from))}%` }} />}
    </div>
  );
}
