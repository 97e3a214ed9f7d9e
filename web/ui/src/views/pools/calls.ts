/** Calls about the farm. */

import { call, path } from "../../api/client";
import type { State } from "../../api/types";

export interface Worker {
  readonly name: string;
  /** Null: it has not said so yet. */
  readonly concurrency: number | null;
}

/** A program that not every worker has. */
export interface Ability {
  readonly name: string;
  readonly workers: number;
  readonly versions: readonly string[];
  /** Why others have none. */
  readonly absent: readonly string[];
}

export interface Pool {
  readonly name: string;
  /** Jobs that its workers run at once. */
  readonly concurrency: number;
  readonly workers: readonly Worker[];
  readonly abilities: readonly Ability[];
  readonly queue_depth: number;
  /** The job's id is null where it is another tenant's. */
  readonly oldest_waiting: { readonly job_id: string | null; readonly kind: string; readonly submitted_at: string; readonly waited_s: number } | null;
}

export interface Status {
  readonly version: string;
  readonly started_at: string;
  readonly waiters: number;
  readonly jobs: Readonly<Record<string, Readonly<Partial<Record<State, number>>>>>;
  readonly queue_depth: Readonly<Record<string, number>>;
  readonly flower_url: string | null;
}

export async function listPools(signal?: AbortSignal): Promise<readonly Pool[]> {
  return (await call<{ readonly pools: readonly Pool[] }>("/pools", { signal })).pools;
}

/** Let a pool run so many more or fewer jobs at once. */
export function scalePool(name: string, delta: number): Promise<{ readonly concurrency: number }> {
  return call(path(["pools", name, "scale"]), { method: "POST", body: { delta } });
}

export function showStatus(signal?: AbortSignal): Promise<Status> {
  return call<Status>("/status", { signal });
}
