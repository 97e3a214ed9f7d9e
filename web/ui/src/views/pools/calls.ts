/** Calls about the farm. */

import { call, path } from "../../api/client";
import type { State } from "../../api/types";

export interface Worker {
  readonly name: string;
  readonly concurrency: number | null;
}

export interface Pool {
  readonly name: string;
  readonly workers: readonly Worker[];
  /** Processes of all workers; null: not known. */
  readonly concurrency: number | null;
  readonly queue_depth: number;
  readonly oldest_waiting: { readonly job_id: string; readonly kind: string; readonly submitted_at: string; readonly waited_s: number } | null;
}

export interface Status {
  readonly version: string;
  readonly started_at: string;
  readonly waiters: number;
  readonly jobs: Readonly<Record<string, Readonly<Partial<Record<State, number>>>>>;
  readonly queue_depth: Readonly<Record<string, number>>;
  readonly flower_url: string | null;
}

interface Listed {
  readonly pools: readonly (Omit<Pool, "workers" | "concurrency"> & {
    readonly workers: readonly (string | { readonly name: string; readonly concurrency?: number | null })[];
    readonly concurrency?: number | null;
  })[];
}

/** A farm whose workers do not say how many processes they have names them alone. */
export async function listPools(signal?: AbortSignal): Promise<readonly Pool[]> {
  const { pools } = await call<Listed>("/pools", { signal });
  return pools.map((pool) => ({
    ...pool,
    concurrency: pool.concurrency ?? null,
    workers: pool.workers.map((worker) =>
      typeof worker === "string" ? { name: worker, concurrency: null } : { name: worker.name, concurrency: worker.concurrency ?? null },
    ),
  }));
}

export function scalePool(name: string, delta: number): Promise<unknown> {
  return call(path(["pools", name, "scale"]), { method: "POST", body: { delta } });
}

export function showStatus(signal?: AbortSignal): Promise<Status> {
  return call<Status>("/status", { signal });
}
