/** Curves as the charts take them: extremes of buckets of samples, exact where a bucket is one sample. */

import type { CurveName, Extremes, LivePath, Report, SeriesWindow, Told } from "../types";

export const CURVES: readonly CurveName[] = ["t1", "t2", "rho", "snr", "mean"];

export interface Curve {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Bucket n holds samples from `from` + n * `stride` on. */
export interface Frame {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
  readonly pcs: Float64Array;
  readonly curves: Readonly<Partial<Record<CurveName, Curve>>>;
}

/** Of a report: every sample where it has them, else extremes of `series.stride` samples. */
export function frameOfReport(report: Report): Frame {
  const { series, alignment } = report;
  const curves: Partial<Record<CurveName, Curve>> = {};
  for (const name of CURVES) {
    const values = series[name];
    if (values.length === 0) continue;
    const both = Float64Array.from(values, (value) => value ?? Infinity);
    curves[name] = { low: name === "t1" || name === "t2" ? Float64Array.from(values, (value) => value ?? -Infinity) : both, high: both };
  }
  if (series.stride > 1) {
    // Of a bucket the report has the value of the largest magnitude alone: zero is as far as the other side may reach.
    for (const name of ["t1", "t2"] as const) {
      const curve = curves[name];
      if (curve) curves[name] = { low: curve.low.map((value) => Math.min(0, value)), high: curve.high.map((value) => Math.max(0, value)) };
    }
  }
  return { from: 0, to: alignment.samples, stride: series.stride, pcs: Float64Array.from(series.pcs), curves };
}

export function frameOfWindow(window: SeriesWindow): Frame {
  const curves: Partial<Record<CurveName, Curve>> = {};
  for (const name of CURVES) {
    const found = window[name];
    if (found !== null) curves[name] = curveOf(found);
  }
  return { from: window.from, to: window.to, stride: window.stride, pcs: Float64Array.from(window.pcs), curves };
}

/** Of a campaign that runs: what its newest partial event shows; null before there is a path. */
export function frameOfPartial(path: LivePath | null, told: Told | null): Frame | null {
  if (path === null) return null;
  const curves: Partial<Record<CurveName, Curve>> = {};
  if (told?.t1) curves.t1 = curveOf(told.t1);
  if (told?.mean) curves.mean = curveOf(told.mean);
  return { from: 0, to: path.samples, stride: path.stride, pcs: Float64Array.from(path.pcs), curves };
}

function curveOf({ low, high }: Extremes): Curve {
  return {
    low: Float64Array.from(low, (value) => value ?? -Infinity),
    high: Float64Array.from(high, (value) => value ?? Infinity),
  };
}

/** Return the frame's part [from, to) in at most `points` buckets, thinned without losing an extreme. */
export function thinned(frame: Frame, from: number, to: number, points: number): Frame {
  const first = Math.max(0, Math.floor((from - frame.from) / frame.stride));
  const last = Math.min(frame.pcs.length, Math.ceil((to - frame.from) / frame.stride));
  const count = Math.max(0, last - first);
  const step = Math.max(1, Math.ceil(count / points));
  const begin = frame.from + first * frame.stride;
  const end = Math.min(frame.to, frame.from + last * frame.stride);
  const buckets = Math.ceil(count / step);
  const pcs = new Float64Array(buckets);
  for (let at = 0; at < buckets; at += 1) pcs[at] = frame.pcs[first + at * step] ?? 0;
  const curves: Partial<Record<CurveName, Curve>> = {};
  for (const [name, curve] of Object.entries(frame.curves) as [CurveName, Curve][]) {
    curves[name] = step === 1 ? { low: curve.low.subarray(first, last), high: curve.high.subarray(first, last) } : extremes(curve, first, last, step, buckets);
  }
  return { from: begin, to: end, stride: frame.stride * step, pcs, curves };
}

function extremes(curve: Curve, first: number, last: number, step: number, buckets: number): Curve {
  const low = new Float64Array(buckets).fill(Infinity);
  const high = new Float64Array(buckets).fill(-Infinity);
  const end = Math.min(last, curve.low.length);
  for (let at = first; at < end; at += 1) {
    const bucket = Math.floor((at - first) / step);
    const [least, most] = [curve.low[at] ?? 0, curve.high[at] ?? 0];
    if (least < (low[bucket] ?? 0)) low[bucket] = least;
    if (most > (high[bucket] ?? 0)) high[bucket] = most;
  }
  return { low, high };
}

/** Return the largest finite magnitude of a curve, and whether there is an infinite one. */
export function largest(curve: Curve | undefined): { value: number; infinite: boolean } {
  let value = 0;
  let infinite = false;
  if (curve !== undefined) {
    for (const side of [curve.low, curve.high]) {
      for (const one of side) {
        if (Number.isFinite(one)) value = Math.max(value, Math.abs(one));
        else infinite = true;
      }
    }
  }
  return { value, infinite };
}

/** Runs of one value: [from, to, value], in samples. */
export type Run = readonly [number, number, number];

/** Return the runs of `of(pc)` along a frame. */
export function runsOf(frame: Frame, of: (pc: number) => number): Run[] {
  const runs: Run[] = [];
  let began = frame.from;
  let current: number | null = null;
  for (let at = 0; at < frame.pcs.length; at += 1) {
    const value = of(frame.pcs[at] ?? 0);
    const start = frame.from + at * frame.stride;
    if (current === null) current = value;
    else if (value !== current) {
      runs.push([began, start, current]);
      [began, current] = [start, value];
    }
  }
  if (current !== null) runs.push([began, frame.to, current]);
  return runs;
}

/** Return the runs that touch [from, to). */
export function within(runs: readonly Run[], from: number, to: number): readonly Run[] {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.[1] ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < runs.length && (runs[end]?.[0] ?? 0) < to) end += 1;
  return runs.slice(low, end);
}

/** A function's colour: the same name has the same hue everywhere, and both themes have a lightness for it. */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 16777619);
  // Only every 23rd degree, so that two functions are either alike or clearly not.
  return ((hash >>> 0) % 16) * 22.5;
}
