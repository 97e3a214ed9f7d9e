/** Records of the 72-dimension recorder, read from a part of their binary file (`docs/recorder.md`). */

import { answer, path } from "../../api/client";

export const CHANNELS = ["cycles", "instructions", "energy", "temperature", "l1d_misses", "branch_misses", "latency", "noise"] as const;
export const UNITS: Readonly<Record<string, string>> = { energy: "µJ", temperature: "°C", latency: "µs", noise: "µJ" };
export const LAGS = 9;
const HEADER_BYTES = 72;
const RECORD_BYTES = 616;
const DIMENSIONS = CHANNELS.length * LAGS;
const HAS_PC = 1;

export interface Measurement {
  readonly timestampNs: number;
  readonly period: number;
  /** `dims[8 * k + c]` is channel c, k periods ago; NaN: there is no such value. */
  readonly dims: readonly number[];
  readonly idealUj: number;
  readonly ageUs: number;
  /** Null: nothing ran in the period, or nobody says what. */
  readonly pc: number | null;
}

/** Read whole records; bytes that are not enough for another one are left. */
export function recordsOf(data: ArrayBuffer): Measurement[] {
  const view = new DataView(data);
  return Array.from({ length: Math.floor(data.byteLength / RECORD_BYTES) }, (_, at) => {
    const start = at * RECORD_BYTES;
    const float = (place: number) => view.getFloat64(start + 16 + 8 * place, true);
    const end = start + 16 + 8 * (DIMENSIONS + 2);
    return {
      timestampNs: Number(view.getBigUint64(start, true)),
      period: Number(view.getBigUint64(start + 8, true)),
      dims: Array.from({ length: DIMENSIONS }, (_unused, place) => float(place)),
      idealUj: float(DIMENSIONS),
      ageUs: float(DIMENSIONS + 1),
      pc: (view.getUint32(end + 4, true) & HAS_PC) !== 0 ? view.getUint32(end, true) : null,
    };
  });
}

/** Fetch `count` records from `first` on: of a long recording only what is looked at. */
export async function recordsFrom(recording: string, first: number, count: number, signal: AbortSignal): Promise<Measurement[]> {
  const start = HEADER_BYTES + first * RECORD_BYTES;
  const end = start + count * RECORD_BYTES;
  const where = path(["recordings", recording, "records"], { form: "binary" });
  const response = await answer(where, { headers: { Accept: "*/*", Range: `bytes=${start}-${end - 1}` }, signal });
  const data = await response.arrayBuffer();
  // Who does not know ranges sends the whole file.
  return recordsOf(response.status === 206 ? data : data.slice(start, end));
}

/** Return a channel over records as points; where periods have no record the line is broken. */
export function channelOf(records: readonly Measurement[], channel: number): [number, number | null][] {
  return records.flatMap((record, at) => {
    const before = records[at - 1];
    const value = record.dims[channel] ?? NaN;
    const point: [number, number | null] = [record.period, Number.isNaN(value) ? null : value];
    return before !== undefined && record.period - before.period > 1 ? [[record.period - 1, null], point] : [point];
  });
}
