/** Properties of things for a person: their order, units and numbers. */

import { fullMoment, number } from "../../i18n/format";
import { address } from "./titles";
import type { Value } from "./types";

const UNITS: Readonly<Record<string, string>> = {
  avg_energy: "µJ",
  energy_sd: "µJ",
  energy_mean: "µJ",
  threshold: "µJ",
  avg_temperature: "°C",
  temperature_mean: "°C",
  max_latency: "µs",
  latency_max: "µs",
  avg_power: "a.u.",
  bytes: "B",
  duration: "s",
};
/** Sizes in which a unit reads well, greatest first. */
const STEPS: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  "µJ": [[1e6, "J"], [1e3, "mJ"], [1, "µJ"], [1e-3, "nJ"], [1e-6, "pJ"]],
  "µs": [[1e6, "s"], [1e3, "ms"], [1, "µs"], [1e-3, "ns"]],
};
const MOMENTS = new Set(["created_at", "timestamp"]);
const LISTS = new Set(["tags", "labels"]);

const REFERENCES = new Set(["firmware", "campaign", "instruction", "document", "batch_id"]);

/** Say whether a property names another thing of the graph; batches of measurements are none. */
export function refers(name: string, value: string): boolean {
  return REFERENCES.has(name) && !value.startsWith("measurements:");
}

/** Return how a property is read best: its unit, and what to divide by; one for all of `values`, so that they compare. */
export function scaleOf(name: string, values: readonly number[]): { readonly by: number; readonly unit: string } {
  const unit = UNITS[name] ?? "";
  const steps = STEPS[unit];
  const size = Math.max(0, ...values.map(Math.abs));
  if (steps === undefined || size === 0) return { by: 1, unit };
  const [by, scaled] = steps.find(([least]) => size >= least) ?? steps[steps.length - 1] ?? [1, unit];
  return { by, unit: scaled };
}

/** Return a number with about four significant digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return number(value);
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return number(value, Math.min(12, Math.max(0, 3 - magnitude)));
}

/** Return a property's value as text, with its unit. */
export function shown(name: string, value: Value): string {
  if (value === null) return "–";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "string") return LISTS.has(name) ? value.split(",").filter(Boolean).join(", ") : value;
  if (name === "address") return address(value);
  if (MOMENTS.has(name)) return moment(value);
  if (name === "line") return String(value);
  const { by, unit } = scaleOf(name, [value]);
  return [figure(value / by), unit].filter(Boolean).join(" ");
}

function moment(seconds: number): string {
  const at = new Date(seconds * 1000);
  return Number.isNaN(at.getTime()) ? figure(seconds) : fullMoment(at.toISOString());
}

export interface Reading {
  readonly mean: number;
  readonly sd: number | null;
  readonly samples: number | null;
}

/** Say whether two readings contradict each other: their 95 % intervals are apart, by Student's t for few samples. */
export function contradict(one: Reading, other: Reading): boolean {
  const [a, b] = [halfWidth(one), halfWidth(other)];
  if (a === null || b === null) return false;
  return Math.abs(one.mean - other.mean) > a + b;
}

function halfWidth({ sd, samples }: Reading): number | null {
  if (sd === null || samples === null || samples < 2) return null;
  return (student(samples - 1) * sd) / Math.sqrt(samples);
}

/** Return the 97.5 % point of Student's t, within 1 % from two degrees of freedom on (Cornish-Fisher). */
function student(freedom: number): number {
  if (freedom === 1) return 12.706;
  if (freedom === 2) return 4.303;
  const z = 1.959964;
  const n = freedom;
  return z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3);
}
