/** Mouse, touch and keys on the waveform. */

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { type Code, addressText, spotText } from "./code-map";
import { type Frame, runsOf } from "./curves";
import { GUTTER, RIGHT } from "./geometry";
import type { Pin, Span, Wave } from "./state";

/** Pixels below which a drag was a click. */
const STILL = 4;

export function useGestures(wave: Wave, home: RefObject<HTMLDivElement | null>, base: Frame, code: Code) {
  const fingers = useRef(new Map<number, number>());
  const drag = useRef<{ x: number; sample: number; view: Span; moved: boolean; mode: string } | null>(null);
  const sampleAt = (clientX: number) => {
    const box = home.current?.getBoundingClientRect();
    if (!box) return 0;
    const { from, to } = wave.view.value;
    const share = (clientX - box.left - GUTTER) / Math.max(1, box.width - GUTTER - RIGHT);
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  };
  const inside = (sample: number) => Math.min(Math.max(0, wave.samples - 1), Math.max(0, Math.floor(sample)));

  // A listener that may keep the page from scrolling has to say so, which attributes cannot.
  useEffect(() => {
    const element = home.current;
    if (element === null) return undefined;
    const turned = (event: WheelEvent) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        wave.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 160), sampleAt(event.clientX));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
        event.preventDefault();
        wave.pan((event.deltaX || event.deltaY) / Math.max(1, element.clientWidth));
      }
    };
    element.addEventListener("wheel", turned, { passive: false });
    return () => element.removeEventListener("wheel", turned);
  }, [wave]);

  const pinOf = (pc: number, sample: number): Pin => {
    const place = code.placeOf(pc);
    return { addresses: [pc], name: place === null ? addressText(pc) : spotText(place), sample };
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, event.clientX);
    drag.current = { x: event.clientX, sample: sampleAt(event.clientX), view: wave.view.value, moved: false, mode: event.shiftKey ? "select" : wave.mode.value };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (fingers.current.size === 2 && fingers.current.has(event.pointerId)) return pinched(event);
    if (event.pointerType === "mouse" || drag.current !== null) wave.cursor.value = inside(sampleAt(event.clientX));
    const going = drag.current;
    if (going === null) return;
    if (!going.moved && Math.abs(event.clientX - going.x) < STILL) return;
    going.moved = true;
    if (going.mode === "pan") {
      const wide = (home.current?.clientWidth ?? 1) - GUTTER - RIGHT;
      const by = ((going.x - event.clientX) / wide) * (going.view.to - going.view.from);
      wave.show(going.view.from + by, going.view.to + by);
    } else wave.select({ from: going.sample, to: sampleAt(event.clientX) });
  };
  const pinched = (event: PointerEvent) => {
    const [first = 0, second = 0] = fingers.current.values();
    const before = Math.abs(first - second);
    fingers.current.set(event.pointerId, event.clientX);
    const [left = 0, right = 0] = fingers.current.values();
    const after = Math.abs(left - right);
    if (before > 8 && after > 8) wave.zoom(before / after, sampleAt((left + right) / 2));
    drag.current = null;
  };
  const onPointerUp = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId);
    const going = drag.current;
    drag.current = null;
    if (going === null) return;
    if (!going.moved) {
      const sample = inside(going.sample);
      const at = Math.floor((sample - base.from) / base.stride);
      const pc = base.pcs[at];
      if (pc !== undefined && base.stride === 1) wave.pin(pinOf(pc, sample));
      wave.select(null);
    } else if (going.mode === "zoom") {
      const chosen = wave.selection.value;
      wave.select(null);
      if (chosen !== null) wave.show(chosen.from, chosen.to);
    }
  };
  const onPointerLeave = (event: PointerEvent) => {
    if (event.pointerType === "mouse" && drag.current === null) wave.cursor.value = null;
  };
  const onDblClick = (event: MouseEvent) => {
    const sample = sampleAt(event.clientX);
    const run = runsOf(base, code.functionOf).find(([from, to]) => from <= sample && sample < to);
    if (run) wave.show(run[0] - (run[1] - run[0]) * 0.04, run[1] + (run[1] - run[0]) * 0.04);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const bucket = Math.max(base.stride, Math.ceil((wave.view.value.to - wave.view.value.from) / 400));
    const keys: Record<string, () => void> = {
      ArrowLeft: () => (event.shiftKey ? wave.pan(-0.2) : wave.step(-1)),
      ArrowRight: () => (event.shiftKey ? wave.pan(0.2) : wave.step(1)),
      PageUp: () => wave.step(-10 * bucket),
      PageDown: () => wave.step(10 * bucket),
      Home: () => wave.put(0),
      End: () => wave.put(wave.samples - 1),
      "+": () => wave.zoom(0.5),
      "=": () => wave.zoom(0.5),
      "-": () => wave.zoom(2),
      "0": () => wave.fit(),
      n: () => leap(1),
      p: () => leap(-1),
      Enter: () => {
        const sample = wave.cursor.value;
        const pc = sample === null ? undefined : base.pcs[Math.floor(sample / base.stride)];
        if (sample !== null && pc !== undefined) wave.pin(pinOf(pc, sample));
      },
      Escape: () => {
        wave.pin(null);
        wave.select(null);
      },
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  /** Go to the next bucket that leaks. */
  const leap = (direction: 1 | -1) => {
    const curve = base.curves.t1 ?? base.curves.rho;
    if (curve === undefined) return;
    const limit = base.curves.t1 ? 4.5 : 0.1;
    const begin = Math.floor((wave.cursor.value ?? -1) / base.stride);
    for (let at = begin + direction; at >= 0 && at < curve.low.length; at += direction) {
      const value = Math.max(Math.abs(curve.low[at] ?? 0), Math.abs(curve.high[at] ?? 0));
      if (value > limit && !code.isPublic(base.pcs[at] ?? 0)) return wave.put(at * base.stride);
    }
  };
  const onPointerCancel = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId);
    drag.current = null;
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onPointerLeave, onDblClick, onKeyDown };
}
