/** What the API says of campaigns: reports, curves, what an ELF offers, what a campaign will take. */

import type { JsonObject } from "../../api/types";
import type { Bivariate, Multiplicity, SecretCheck, Sequential } from "./types-parts";

export type Verdict = "leaks" | "clean" | "insufficient" | "fault";
export type Severity = "critical" | "high" | "medium" | "low";
export type CurveName = "t1" | "t2" | "rho" | "snr" | "mean";

export interface Place {
  readonly address: number;
  readonly mnemonic: string;
  readonly operands: string;
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** One input of two executions that went different ways. */
export interface Parting {
  readonly input: string;
  /** The first byte shown. */
  readonly offset: number;
  readonly one: string;
  readonly other: string;
}

export interface Dependence {
  readonly kind: "branch" | "load" | "store" | "operand";
  readonly place: Place;
  readonly executions: number;
  readonly first: number;
  readonly parting: readonly Parting[];
  readonly public: string | null;
}

export interface ConstantTime {
  readonly varied: readonly string[];
  readonly held: readonly string[];
  readonly looked_at: number;
  readonly branches: number;
  readonly addresses: number;
  readonly found: readonly Dependence[];
  readonly total: number;
}

export interface Finding {
  readonly kind: string;
  readonly severity: Severity;
  readonly place: Place;
  readonly title: string;
  readonly secret: string | null;
  readonly statistic: "t" | "rho" | "executions";
  /** Null: infinite. */
  readonly value: number | null;
  readonly p_log10: number | null;
  readonly sample: number | null;
  readonly samples: number;
  readonly traces: number;
  readonly sufficient: boolean;
  readonly traces_needed: number | null;
  /** Absent in reports of before. */
  readonly parting?: readonly Parting[];
  /** The other instruction of a pair. */
  readonly partner?: Place | null;
}

export interface KeyByte {
  readonly index: number;
  readonly name: string | null;
  readonly best_guess: number;
  readonly true_value: number | null;
  readonly rank: number | null;
  readonly confident: boolean;
  readonly model: string;
  readonly rho: number;
  readonly rho_low: number;
  readonly rho_high: number;
  readonly sample: number;
  readonly place: Place;
  readonly second_rho: number;
  readonly ranks: readonly (number | null)[];
  readonly traces_to_recover: number | null;
}

export interface Row {
  readonly place: Place;
  readonly executions: number;
  readonly max_abs_t1: number | null;
  readonly max_abs_t2: number | null;
  readonly deterministic: boolean;
  readonly max_abs_rho: number | null;
  readonly rho_byte: number | null;
  readonly max_snr: number | null;
  readonly public: string | null;
}

export interface Series {
  readonly stride: number;
  readonly first_sample: number;
  readonly pcs: readonly number[];
  readonly t1: readonly (number | null)[];
  readonly t2: readonly (number | null)[];
  readonly rho: readonly number[];
  readonly snr: readonly (number | null)[];
  readonly mean: readonly number[];
}

export interface Cpa {
  readonly intermediate: string;
  /** What is predicted, in words; this and the next six are absent in reports of before. */
  readonly what?: string;
  /** What the bytes are bytes of. */
  readonly of?: string;
  readonly assumes?: string | null;
  /** It knows what a real attacker would not: it does not count. */
  readonly conditional?: boolean;
  readonly master_key?: string | null;
  readonly chosen?: { readonly traces: number; readonly threshold: number; readonly compared: number; readonly flagged: number } | null;
  readonly snr_absent?: string | null;
  readonly traces: number;
  readonly window: readonly [number, number];
  readonly noise_floor: number;
  readonly key_known: boolean;
  readonly recovered: number | null;
  readonly confident: number;
  readonly key: string;
  readonly bytes: readonly KeyByte[];
  readonly checkpoints: readonly number[];
  readonly guessing_entropy: readonly number[] | null;
}

export interface Tvla {
  readonly threshold: number;
  readonly corrected_threshold: number;
  readonly traces_fixed: number;
  readonly traces_random: number;
  readonly max_abs_t1: number | null;
  readonly max_abs_t2: number | null;
  readonly leaking_samples_1: number;
  readonly leaking_samples_2: number;
  readonly deterministic_samples: number;
  readonly minimum_effect: number | null;
}

/** Where measured traces come from. */
export interface MeasuredTraces {
  readonly form: string;
  readonly bytes: number;
  readonly traces: number;
  readonly left_out: number;
  readonly samples: number;
  readonly unit: string;
  readonly sampled_hz: number | null;
  readonly values: Readonly<Record<string, number>>;
  readonly groups: string;
  readonly groups_why: string;
  readonly key: string | null;
  readonly quantised: { readonly lossless: boolean; readonly largest_step: number; readonly added_variance: number };
  /** Null: samples are not known to belong to instructions. */
  readonly mapped: {
    readonly samples_per_cycle: number;
    readonly path_instructions: number;
    readonly common_instructions: number;
    readonly before: number;
    readonly after: number;
    readonly output_agrees: boolean | null;
  } | null;
  readonly notes: readonly string[];
}

export interface Report {
  /** Null: the traces were simulated. */
  readonly measured?: MeasuredTraces | null;
  /** Absent in reports of before; null where the campaign did not ask for looks. */
  readonly sequential?: Sequential | null;
  /** Null without a t-test. */
  readonly multiplicity?: Multiplicity | null;
  /** Null where the campaign did not ask for pairs. */
  readonly bivariate?: Bivariate | null;
  readonly bivariate_absent?: string | null;
  readonly campaign: string;
  readonly created_at: string;
  readonly request: JsonObject & { readonly name: string; readonly target: (JsonObject & { readonly entry: string }) | null };
  readonly verdict: Verdict;
  readonly headline: string;
  readonly digest: string;
  /** Null: measured traces of a program that is not known. */
  readonly firmware: { readonly sha256: string; readonly bytes: number; readonly core: string; readonly code_bytes: number; readonly has_lines: boolean } | null;
  readonly engine: Readonly<Record<string, string>>;
  /** Absent in reports of before, as `constant_time` and `power.noise` are. */
  readonly execution?: { readonly lanes: number; readonly again: number; readonly checked: number; readonly why: string } | null;
  readonly traces: number;
  readonly alignment: {
    readonly kind: "full" | "common-prefix";
    readonly path_instructions: number;
    readonly compared_instructions: number;
    readonly samples: number;
    readonly first_sample: number;
    readonly diverged_traces: number;
    readonly faulted_traces: number;
  };
  readonly power: {
    readonly model: string;
    readonly calibration: string;
    readonly unit: string;
    readonly sampling: string;
    readonly noise_sigma: number;
    readonly noise?: "per-trace" | "by-law" | "none" | null;
    readonly step: number;
    readonly clipped: number;
  };
  readonly tvla: Tvla | null;
  readonly tvla_absent: string | null;
  readonly cpa: Cpa | null;
  readonly cpa_absent: string | null;
  readonly max_snr: number | null;
  readonly constant_time?: ConstantTime | null;
  readonly constant_time_absent?: string | null;
  /** Null unless the campaign asked for it. */
  readonly secrets?: SecretCheck | null;
  readonly secrets_absent?: string | null;
  readonly findings: readonly Finding[];
  readonly excluded: readonly { readonly place: string; readonly reason: string; readonly samples: number; readonly leaking_samples: number; readonly max_abs_t1: number | null }[];
  readonly rows: readonly Row[];
  readonly series: Series;
  readonly sufficiency: { readonly sufficient: boolean; readonly why: string };
  readonly timings: { readonly execute_s: number; readonly statistics_s: number; readonly merge_s: number; readonly traces_per_s: number };
  readonly warnings: readonly string[];
}

export interface Extremes {
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** A window of the curves, as `/campaigns/{id}/series` gives it. */
export interface SeriesWindow {
  readonly samples: number;
  readonly from: number;
  readonly to: number;
  readonly stride: number;
  readonly pcs: readonly number[];
  readonly worst: readonly number[];
  readonly t1: Extremes | null;
  readonly t2: Extremes | null;
  readonly rho: Extremes | null;
  readonly snr: Extremes | null;
  readonly mean: Extremes | null;
  readonly marked: readonly number[];
}

export interface Listed {
  readonly address: number;
  readonly samples: number;
  readonly max_abs_t1: number | null;
  readonly max_abs_t2: number | null;
  readonly max_abs_rho: number | null;
  readonly max_snr: number | null;
}

export interface Listing {
  readonly from: number;
  readonly to: number;
  readonly instructions: readonly Listed[];
  readonly total: number;
}

/** Where the reference execution is, told before anything has run. */
export interface LivePath {
  readonly samples: number;
  readonly stride: number;
  readonly first_sample: number;
  readonly unit: string;
  readonly pcs: readonly number[];
  readonly function: readonly number[];
  readonly functions: readonly string[];
}

export interface LiveKey {
  readonly traces: number;
  readonly ranks: readonly (number | null)[];
  readonly best: string;
  readonly confident: readonly boolean[];
}

/** A `partial` event. */
export interface Told {
  readonly path?: LivePath;
  readonly traces?: number;
  readonly of?: number;
  readonly diverged?: number;
  readonly faulted?: number;
  readonly samples?: number;
  readonly compared?: number;
  readonly stride?: number;
  readonly t1?: Extremes;
  readonly mean?: Extremes;
  /** Null: infinite. */
  readonly max_abs_t?: number | null;
  readonly over_threshold?: number;
  readonly key?: LiveKey;
}

export interface OfferedFunction {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly file: string | null;
  readonly line: number | null;
}

export interface OfferedObject {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly writable: boolean;
}

export interface Offer {
  readonly firmware: string;
  readonly bytes: number;
  readonly code_bytes: number;
  readonly core: string;
  readonly cores: readonly string[];
  readonly architecture: string | null;
  readonly core_known_by: "attributes" | "nothing";
  readonly has_lines: boolean;
  readonly memory: readonly JsonObject[];
  readonly functions: readonly OfferedFunction[];
  readonly functions_total: number;
  readonly objects: readonly OfferedObject[];
  readonly objects_total: number;
  readonly truncated: boolean;
}

export interface Estimate {
  readonly traces: number;
  readonly instructions: number;
  readonly cycles: number;
  readonly samples: number;
  readonly stop: string;
  readonly stop_pc: number;
  readonly output: string;
  readonly tried: number;
  readonly diverged: number;
  readonly faulted: number;
  readonly traces_per_s: number;
  readonly workers: number | null;
  readonly shards: number;
  readonly seconds: number;
  readonly stored_bytes: number;
  readonly sums_bytes: number;
}

export type Change = "new" | "gone" | "stronger" | "weaker" | "same";

export interface Side {
  readonly campaign: string;
  readonly name: string;
  readonly created_at: string;
  readonly verdict: Verdict;
  readonly headline: string;
  readonly measured: boolean;
  readonly firmware: string | null;
  readonly traces: number;
  readonly max_abs_t1: number | null;
  readonly findings: number;
  readonly sufficient: boolean;
}

export interface Seen {
  readonly place: Place;
  readonly severity: Severity;
  readonly title: string;
  readonly statistic: "t" | "rho" | "executions";
  readonly value: number | null;
  readonly sample: number | null;
}

export type Judgement = "better" | "worse" | "unchanged" | "unknown";

/** A source line on which instructions, findings or an effect changed. */
export interface ComparedLine {
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly sentence: string;
  readonly judgement: Judgement;
}

export interface Comparison {
  readonly before: Side;
  readonly after: Side;
  readonly by: "instruction" | "samples";
  readonly same_firmware: boolean | null;
  readonly verdict_changed: boolean;
  readonly trend: string;
  readonly counts: Readonly<Record<Change, number>>;
  readonly findings: readonly { readonly change: Change; readonly kind: string; readonly secret: string | null; readonly before: Seen | null; readonly after: Seen | null }[];
  readonly judgements: Readonly<Record<Judgement, number>>;
  readonly lines: readonly ComparedLine[];
  readonly truncated: boolean;
  readonly warnings: readonly string[];
}
