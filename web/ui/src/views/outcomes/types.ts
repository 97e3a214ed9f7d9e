/** What jobs beside campaigns end with: `profile/1`, `calibration/1`, and the results of recordings and captures. */

import type { Place } from "../campaigns/types";

export interface Estimate {
  readonly value: number;
  /** Null: there was one attack, which has no spread. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface AttackPoint {
  readonly traces: number;
  readonly attacks: number;
  readonly success: Estimate;
  readonly success_order: Estimate;
  readonly bytes_right: Estimate;
  readonly guessing_entropy: Estimate;
  readonly mean_rank: number;
}

export interface ByteAttack {
  readonly index: number;
  readonly best_guess: number | null;
  readonly true_value: number | null;
  readonly rank: number | null;
  readonly margin: number;
  readonly information: Estimate | null;
  readonly bits: readonly number[];
}

export interface ProfileMethod {
  readonly method: string;
  readonly model: string;
  readonly key: string | null;
  readonly recovered: number | null;
  readonly curve: readonly AttackPoint[];
  readonly curve_absent: string | null;
  readonly traces_to_success: number | null;
  readonly bytes: readonly ByteAttack[];
}

export interface Profile {
  readonly headline: string;
  readonly digest: string;
  readonly request: { readonly order: number; readonly campaign: string; readonly attack: string | null };
  readonly traces_profiling: number;
  readonly traces_attack: number;
  readonly samples: number;
  readonly samples_considered: number;
  readonly key_bytes: number;
  readonly key_varies: boolean;
  readonly same_key: boolean;
  readonly points: readonly {
    readonly index: number;
    readonly significant: number;
    readonly points: readonly { readonly sample: number; readonly snr: number | null; readonly place: Place | null }[];
  }[];
  readonly methods: readonly ProfileMethod[];
  readonly warnings: readonly string[];
}

export interface ClassFit {
  readonly kind: string;
  readonly instructions: number;
  readonly base: number | null;
  readonly coefficients: Readonly<Record<string, { readonly value: number; readonly standard_error: number | null } | null>>;
  readonly r2: number | null;
  readonly absent: string | null;
}

export interface CalibratedRow {
  readonly place: Place;
  readonly executions: number;
  readonly r2: number | null;
  readonly rho_measured: number | null;
  readonly rho_simulated: number | null;
  readonly rho_difference: number | null;
  readonly p_measured: number | null;
  readonly p_simulated: number | null;
  readonly p_difference: number | null;
  readonly agrees: boolean | null;
}

export interface Calibration {
  readonly request: { readonly campaign: string };
  readonly traces: number;
  readonly left_out: number;
  readonly unit: string;
  readonly instructions_total: number;
  readonly noise_sigma: number;
  readonly scale: number;
  readonly level: number;
  readonly r2: number | null;
  readonly classes: readonly ClassFit[];
  readonly model: { readonly name: string; readonly artifact: string | null };
  readonly verdict: { readonly calibration: "calibrated" | "uncalibrated"; readonly why: string; readonly agree: number; readonly differ: number; readonly not_told: number };
  readonly rows: readonly CalibratedRow[];
  readonly warnings: readonly string[];
}

export type Form = "binary" | "csv" | "parquet";
export type RecordFiles = Readonly<Partial<Record<Form, { readonly name: string; readonly bytes: number }>>>;

interface Recorded {
  readonly recording: string;
  readonly records: number;
  /** Periods without a record. */
  readonly dropped: number;
  readonly period_ns: number;
  readonly digest: string;
  readonly files: RecordFiles;
  readonly url: string;
}

export interface Recording extends Recorded {
  readonly entry: string;
  readonly clock_hz: number;
  readonly virtual_s: number;
  readonly calls: number;
  readonly calls_ended_by_budget: number;
  readonly cycles: number;
  readonly instructions: number;
  readonly l1d_misses: number;
  readonly branch_misses: number;
  readonly energy_uj: number;
  readonly noise_uj: number;
  readonly temperature_c: number;
  readonly probe: string;
  readonly probe_overflows: number;
  readonly calibration: string;
  readonly scale: { readonly unit_uw: number; readonly active_uw: number; readonly sleep_uw: number; readonly assumed: readonly string[] };
  readonly absent: Readonly<Record<string, string>>;
}

export interface Pulse {
  readonly source: string;
  readonly name: string | null;
  readonly sequence: number | null;
  /** Seconds of the real-time clock, to the nanosecond. */
  readonly at: string | null;
  readonly absent: string | null;
}

/** Both clocks, read at once. */
export interface ClocksRead {
  readonly monotonic_ns: number;
  /** Seconds, to the nanosecond: more than a number holds. */
  readonly realtime: string;
  readonly bracket_ns: number;
  readonly pps: readonly Pulse[] | null;
  readonly pps_absent: string | null;
}

export interface Clocks {
  readonly start: ClocksRead;
  readonly end: ClocksRead;
  readonly changed_ns: number;
  readonly stepped: boolean;
}

export interface Capture extends Recorded {
  readonly wanted: number;
  readonly ended: string;
  readonly lost: number;
  readonly missed: number;
  readonly sensor_reads: number;
  readonly sensor_errors: number;
  readonly sensor_overflows: number;
  readonly gaps: number;
  readonly restarts: number;
  readonly overflows: number;
  readonly first_ns: number;
  readonly clocks: Clocks;
  readonly cpus: Readonly<Record<string, number>>;
  readonly available: Readonly<Record<string, number>>;
  readonly started: boolean;
  readonly instruction: string | null;
}
