/** The frame to draw: what the report holds, or, where that is thinned, a window of every sample from the farm. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { isAbort } from "../../../api/problem";
import { marked as readMarked, series } from "../calls";
import { type Frame, frameOfWindow, thinned } from "./curves";
import type { Span } from "./state";

const QUIET_MS = 140;
/** Instructions of one source line that are asked for. */
const MOST_ASKED = 12;

/** Return at most `points` buckets of the view; `id` is null where there is nothing finer than `base`. */
export function useFrame(base: Frame, view: Span, points: number, id: string | null): Frame {
  const [detail, setDetail] = useState<Frame | null>(null);
  const rough = useMemo(() => thinned(base, view.from, view.to, points), [base, view, points]);
  // Only what the report thinned, and only where a closer look has more to show.
  const finer = id !== null && base.stride > 1 && (view.to - view.from) / points < base.stride;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (!finer || id === null) return undefined;
    const giveUp = new AbortController();
    const margin = (view.to - view.from) / 4;
    const [from, to] = [Math.max(0, Math.floor(view.from - margin)), Math.min(base.to, Math.ceil(view.to + margin))];
    timer.current = setTimeout(() => {
      series(id, from, to, Math.ceil(points * 1.5), giveUp.signal)
        .then((window) => setDetail(frameOfWindow(window)))
        .catch((error: unknown) => {
          // What is shown already stays, and says that it is thinned.
          if (!isAbort(error)) setDetail(null);
        });
    }, QUIET_MS);
    return () => {
      clearTimeout(timer.current);
      giveUp.abort();
    };
  }, [id, finer, view.from, view.to, points, base]);
  return useMemo(() => {
    const fits = finer && detail !== null && detail.from <= view.from && detail.to >= Math.min(view.to, base.to);
    return fits && detail !== null ? thinned(detail, view.from, view.to, points) : rough;
  }, [finer, detail, rough, view, points]);
}

/** Return where the samples of instructions are, joined where they touch. */
export function useMarks(base: Frame, view: Span, points: number, addresses: readonly number[], id: string | null): readonly Span[] {
  const [far, setFar] = useState<readonly Span[]>([]);
  const near = useMemo(() => (addresses.length === 0 || base.stride > 1 ? [] : spans(base, new Set(addresses))), [base, addresses]);
  const asks = addresses.length > 0 && base.stride > 1 && id !== null;
  useEffect(() => {
    if (!asks || id === null) return undefined;
    const giveUp = new AbortController();
    const timer = setTimeout(() => {
      const all = addresses.slice(0, MOST_ASKED).map((address) => readMarked(id, Math.floor(view.from), Math.ceil(view.to), points, address, giveUp.signal));
      Promise.all(all)
        .then((windows) =>
          setFar(windows.flatMap(({ from, stride, marked }) => marked.map((bucket) => ({ from: from + bucket * stride, to: from + (bucket + 1) * stride })))),
        )
        .catch((error: unknown) => {
          if (!isAbort(error)) setFar([]);
        });
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [asks, id, addresses, view.from, view.to, points]);
  return asks ? far : near;
}

function spans(frame: Frame, addresses: ReadonlySet<number>): Span[] {
  const found: { from: number; to: number }[] = [];
  for (let at = 0; at < frame.pcs.length; at += 1) {
    if (!addresses.has(frame.pcs[at] ?? -1)) continue;
    const last = found.at(-1);
    if (last?.to === at) last.to = at + 1;
    else found.push({ from: at, to: at + 1 });
  }
  return found;
}
