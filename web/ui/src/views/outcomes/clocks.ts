/** Where the records of a capture lie in real time, which their own clock does not tell. */

import type { Clocks, Pulse } from "./types";

/** The real time of a record to the nanosecond, in UTC, as instruments are compared there. */
export function realTimeOf({ start }: Clocks, monotonicNs: number): string {
  const ns = BigInt(start.realtime.replace(".", "")) + BigInt(monotonicNs - start.monotonic_ns);
  const second = 1_000_000_000n;
  const day = new Date(Number(ns / second) * 1000).toISOString();
  return `${day.slice(0, 10)} ${day.slice(11, 19)}.${String(ns % second).padStart(9, "0")} UTC`;
}

/** What came of each source of pulses between both readings, or why there is none. */
export function pulsesOf({ start, end }: Clocks, gone: string): string {
  const before = new Map((start.pps ?? []).map((pulse) => [pulse.source, pulse]));
  const last = new Map((end.pps ?? []).map((pulse) => [pulse.source, pulse]));
  const sources = [...new Set([...before.keys(), ...last.keys()])];
  return sources.map((source) => pulsesText(source, before.get(source), last.get(source), gone)).join("; ") || (end.pps_absent ?? gone);
}

function pulsesText(source: string, before: Pulse | undefined, last: Pulse | undefined, gone: string): string {
  if (last === undefined) return `${source}: ${gone}`;
  const named = last.name === null ? source : `${source} (${last.name})`;
  return `${named}: ${last.absent ?? `${before?.sequence ?? "?"} – ${last.sequence}`}`;
}
