/** Documents of this folder were made by a farm: `python -m tests.page.real_jobs`. */

import { expect, test } from "vitest";

import { chosenRows } from "../src/views/outcomes/calibrated-rows";
import { pulsesOf, realTimeOf } from "../src/views/outcomes/clocks";
import { estimateText, hex, orDash } from "../src/views/outcomes/parts";
import { curveOf } from "../src/views/outcomes/profile-curves";
import { type Measurement, channelOf, recordsOf } from "../src/views/outcomes/records";
import type { Calibration, ClocksRead, Profile, Pulse, Recording } from "../src/views/outcomes/types";
import calibrationDocument from "./documents/calibration.json";
import profileDocument from "./documents/profile.json";
import recordingDocument from "./documents/recording.json";

const calibration = calibrationDocument as unknown as Calibration;
const profile = profileDocument as unknown as Profile;
const recording = recordingDocument as unknown as {
  result: Recording;
  hex: string;
  rows: { dim: (number | null)[][]; ideal_uj: number[]; age_us: (number | null)[]; timestamp_ns: number[]; period: number[]; pc: number[]; flags: number[] };
};

function bytesOf(text: string): ArrayBuffer {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)).buffer;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

test("the curves of a profiled attack are those of its report, with their intervals", () => {
  for (const method of profile.methods) {
    const { points, band } = curveOf(method, "name", (point) => point.success);

    expect(points).toEqual(method.curve.map(({ traces, success }) => [traces, success.value]));
    expect(points[0]?.[1]).toBeLessThan(points.at(-1)?.[1] ?? 0);
    for (const [at, interval] of (band ?? []).entries()) {
      if (interval === null) continue;
      expect(interval[0]).toBeLessThanOrEqual(points[at]?.[1] ?? -1);
      expect(interval[1]).toBeGreaterThanOrEqual(points[at]?.[1] ?? 2);
    }
  }
  expect(profile.methods.map(({ method }) => method)).toEqual(["templates", "stochastic"]);
});

test("an estimate without a spread stands alone", () => {
  expect(estimateText({ value: 0.5, low: 0.25, high: 0.75 })).toBe("0.5 (0.25 – 0.75)");
  expect(estimateText({ value: 1, low: null, high: null })).toBe("1");
  expect([hex(7), hex(null), orDash(null), orDash(0.1234, 2)]).toEqual(["07", "–", "–", "0.12"]);
});

test("a calibration knows the model that made the traces, with standard errors", () => {
  const load = calibration.classes.find(({ kind }) => kind === "load");

  expect(calibration.verdict.calibration).toBe("calibrated");
  expect(Math.abs((load?.coefficients.bus_hd?.value ?? 0) - 1)).toBeLessThan(0.05);
  expect(load?.coefficients.bus_hd?.standard_error).toBeLessThan(0.02);
});

test("instructions that differ come first, and a verdict can be chosen", () => {
  const rows = [
    { ...calibration.rows[0]!, agrees: true, rho_difference: 0.9 },
    { ...calibration.rows[0]!, agrees: null, rho_difference: null },
    { ...calibration.rows[0]!, agrees: false, rho_difference: 0.2 },
    { ...calibration.rows[0]!, agrees: false, rho_difference: 0.3 },
  ];

  expect(chosenRows(rows, "all").map(({ agrees, rho_difference }) => [agrees, rho_difference])).toEqual([
    [false, 0.3],
    [false, 0.2],
    [null, null],
    [true, 0.9],
  ]);
  expect((["agree", "differ", "untold"] as const).map((choice) => chosenRows(rows, choice).length)).toEqual([1, 2, 1]);
});

test("records are read from their bytes as the farm reads them", () => {
  const records = recordsOf(bytesOf(recording.hex));
  const { rows } = recording;

  expect(records.map(({ dims }) => dims.map(orNull))).toEqual(rows.dim);
  expect(records.map(({ timestampNs, period }) => [timestampNs, period])).toEqual(rows.timestamp_ns.map((at, place) => [at, rows.period[place]]));
  expect(records.map(({ idealUj }) => idealUj)).toEqual(rows.ideal_uj);
  expect(records.map(({ ageUs }) => orNull(ageUs))).toEqual(rows.age_us);
  expect(records.map(({ pc }) => pc)).toEqual(rows.pc.map((pc, place) => ((rows.flags[place] ?? 0) & 1 ? pc : null)));
});

test("bytes that are not enough for a record are left", () => {
  expect(recordsOf(bytesOf(recording.hex).slice(0, 616 + 615))).toHaveLength(1);
  expect(recordsOf(new ArrayBuffer(0))).toEqual([]);
});

test("a channel is broken where a period has no record, and where a record has no value", () => {
  const record = (period: number, energy: number): Measurement => ({ timestampNs: 0, period, dims: [1, 2, energy], idealUj: 0, ageUs: 0, pc: null });

  expect(channelOf([record(4, 0.5), record(5, NaN), record(8, 0.25)], 2)).toEqual([
    [4, 0.5],
    [5, null],
    [7, null],
    [8, 0.25],
  ]);
});

function clocksRead(realtime: string, pps: readonly Pulse[]): ClocksRead {
  return { monotonic_ns: 5_000_000_900, realtime, bracket_ns: 120, pps: pps.length > 0 ? pps : null, pps_absent: pps.length > 0 ? null : "there is none" };
}

function pulse(source: string, sequence: number | null, absent: string | null = null): Pulse {
  return { source, name: "gps", sequence, at: absent === null ? "1796000000.000000000" : null, absent };
}

test("the real time of a record has its nanoseconds, which no number holds", () => {
  const clocks = { start: clocksRead("1796000000.000000042", []), end: clocksRead("1796000001.000000042", []), changed_ns: 0, stepped: false };

  expect(realTimeOf(clocks, 5_000_000_943)).toBe("2026-11-30 00:53:20.000000085 UTC");
  expect(realTimeOf(clocks, 5_000_000_000)).toBe("2026-11-30 00:53:19.999999142 UTC");
  expect(pulsesOf(clocks, "gone")).toBe("there is none");
});

test("each source of pulses says what came of it", () => {
  const start = clocksRead("1796000000.000000042", [pulse("pps0", 41), pulse("pps1", 7), pulse("pps2", 0, "none yet")]);
  const end = clocksRead("1796000001.000000042", [pulse("pps0", 46), { ...pulse("pps2", null, "unreadable"), name: null }, pulse("pps3", 3)]);

  expect(pulsesOf({ start, end, changed_ns: 0, stepped: false }, "gone")).toBe("pps0 (gps): 41 – 46; pps1: gone; pps2: unreadable; pps3 (gps): ? – 3");
});
