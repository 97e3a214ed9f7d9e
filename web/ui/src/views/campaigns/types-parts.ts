/** Parts of a report beside its t-tests and its attack: looks, corrections, pairs, secrets. */

import type { Dependence, Parting, Place } from "./types";

export interface Look {
  readonly traces: number;
  readonly boundary: number;
  readonly nominal_p_log10: number;
  readonly spent: number;
  /** Null: infinite. */
  readonly max_abs_t1: number | null;
  readonly max_abs_t2: number | null;
  readonly p_log10: number;
  readonly crossed: number;
  readonly minimum_effect: number | null;
}

export interface Sequential {
  readonly error_rate: number;
  readonly tests: number;
  readonly decided: "leaks" | "control-flow" | "clean" | "not-decided";
  readonly traces: number;
  readonly planned: number;
  readonly looks: readonly Look[];
  readonly planned_looks: number;
}

export interface Correction {
  readonly method: string;
  readonly controls: string;
  readonly leaking_samples_1: number;
  readonly leaking_samples_2: number;
  readonly smallest_p_log10: number;
}

export interface Multiplicity {
  readonly level: number;
  readonly tests: number;
  readonly orders: number;
  readonly uncorrected: number;
  readonly by_chance: number;
  readonly corrections: readonly Correction[];
}

export interface Pair {
  readonly first: Place;
  readonly second: Place;
  readonly samples: readonly [number, number];
  /** Null: infinite. */
  readonly t: number | null;
  readonly p_adjusted_log10: number;
  readonly confirmed: boolean;
}

export interface Bivariate {
  readonly window: readonly [number, number];
  readonly pairs: number;
  readonly threshold: number;
  readonly corrected_threshold: number;
  /** Null: infinite, or no pair. */
  readonly max_abs_t: number | null;
  readonly over_threshold: number;
  readonly over_corrected: number;
  readonly confirmed: number;
  readonly top: readonly Pair[];
  readonly excluded_pairs: number;
  readonly excluded_max_abs_t: number | null;
}

/** An instruction behind which executions went different ways. */
export interface SecretWay {
  readonly place: Place;
  readonly ways: readonly { readonly place: Place | null; readonly executions: number }[];
  readonly parting: readonly Parting[];
  readonly p_log10: number | null;
  readonly public: string | null;
}

export interface SecretAddress {
  readonly kind: "load" | "store";
  readonly place: Place;
  readonly executions: number;
  readonly compared: number;
  readonly span: readonly [number, number];
  readonly other_lines: number | null;
  readonly extra_cycles: readonly [number, number] | null;
  readonly parting: readonly Parting[];
  readonly p_log10: number | null;
  readonly public: string | null;
}

/** Cycles with the fixed secret against those with random ones. */
export interface CycleTest {
  readonly value: number;
  readonly cached: boolean;
  readonly fixed: number;
  readonly random: number;
  readonly mean_fixed: number;
  readonly mean_random: number;
  readonly fewest: number;
  readonly most: number;
  /** Null: infinite. */
  readonly t: number | null;
  readonly p_log10: number | null;
  readonly differs: boolean;
  readonly place: Place | null;
  readonly public: string | null;
}

export interface SecretCheck {
  readonly verdict: "constant-time" | "leaks" | "undecided";
  readonly why: string;
  readonly secrets: readonly string[];
  readonly masks: readonly string[];
  readonly public: readonly string[];
  readonly values: number;
  readonly executions: number;
  readonly chosen: number;
  readonly failed: number;
  readonly error_rate: number | null;
  readonly ways: readonly SecretWay[];
  readonly addresses: readonly SecretAddress[];
  readonly operands: readonly Dependence[];
  readonly cache: { readonly line_bytes: number; readonly sets: number; readonly ways: number; readonly miss_cycles: number } | null;
  readonly cycles: readonly CycleTest[];
  readonly proven: boolean;
  readonly unproven: string | null;
  readonly open: readonly Dependence[];
}
