/** Whether jobs that were submitted together are one campaign at several levels of noise, and what each level found. */

import { call, path } from "../../../api/client";
import type { Job, Json, JsonObject } from "../../../api/types";
import type { Verdict } from "../types";

/** A sweep has a few levels; of more, the first ones are read. */
const MOST_LEVELS = 24;

export interface Level {
  readonly id: string;
  readonly sigma: number;
  readonly state: Job["state"];
  readonly verdict: Verdict | null;
  /** Null: infinite, or not known. */
  readonly maxAbsT: number | null;
  /** Sets are constant and differ. */
  readonly infinite: boolean;
  readonly findings: number | null;
  readonly keyBytes: number | null;
}

export interface Sweep {
  readonly levels: readonly Level[];
  /** Jobs of the batch that were not read. */
  readonly left: number;
}

interface Batch {
  readonly members: readonly { readonly id: string; readonly kind: string | null }[];
}

/** Read a batch and its jobs; null where it is no sweep, or where it has expired. */
export async function sweepOf(batch: string, signal: AbortSignal): Promise<Sweep | null> {
  const { members } = await call<Batch>(path(["batches", batch]), { signal });
  if (members.length < 2 || members.some(({ kind }) => kind !== "campaign")) return null;
  const read = members.slice(0, MOST_LEVELS);
  const jobs = await Promise.all(read.map(({ id }) => call<Job>(path(["jobs", id]), { signal })));
  const levels = levelsOf(jobs);
  return levels && { levels, left: members.length - read.length };
}

/** Return the levels by their noise; null where jobs differ in anything else. */
export function levelsOf(jobs: readonly Job[]): Level[] | null {
  const rest = new Set(jobs.map(({ params }) => JSON.stringify(withoutNoise(params ?? {}))));
  const sigmas = new Set(jobs.map(({ params }) => sigmaOf(params ?? {})));
  if (jobs.length < 2 || rest.size !== 1 || sigmas.size !== jobs.length || sigmas.has(null)) return null;
  return jobs.map(levelOf).sort((a, b) => a.sigma - b.sigma);
}

function levelOf({ id, state, params, result }: Job): Level {
  const maxAbsT = numberOr(result?.max_abs_t);
  const tested = params?.plan === undefined || params.plan === "fixed_vs_random";
  return {
    id,
    sigma: sigmaOf(params ?? {}) ?? 0,
    state,
    verdict: typeof result?.verdict === "string" ? (result.verdict as Verdict) : null,
    maxAbsT,
    infinite: maxAbsT === null && tested && result?.verdict === "leaks",
    findings: numberOr(result?.findings),
    keyBytes: numberOr(result?.key_bytes_recovered),
  };
}

function sigmaOf({ power }: JsonObject): number | null {
  return isObject(power) ? numberOr(power.noise_sigma) : null;
}

function withoutNoise(params: JsonObject): JsonObject {
  const { power } = params;
  return { ...params, power: isObject(power) ? { ...power, noise_sigma: 0 } : null };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOr(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}
