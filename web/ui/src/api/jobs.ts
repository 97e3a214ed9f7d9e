/** Calls about jobs. */

import { call, path } from "./client";
import type { Job, JobsPage, JsonObject } from "./types";

export interface JobsQuery {
  readonly kind: string | null;
  readonly state: string | null;
  readonly tag: string | null;
}

export const PAGE = 100;

export function listJobs(query: JobsQuery, cursor: string | null, signal?: AbortSignal): Promise<JobsPage> {
  return call<JobsPage>(path(["jobs"], { ...query, cursor, limit: PAGE }), { signal });
}

export function showJob(id: string, signal?: AbortSignal): Promise<Job> {
  return call<Job>(path(["jobs", id]), { signal });
}

export function submitJob(kind: string, params: JsonObject): Promise<Job> {
  return call<Job>("/jobs", { method: "POST", body: { kind, params }, headers: once() });
}

/** Safe to repeat: a job that has ended stays as it is. */
export function cancelJob(id: string): Promise<Job> {
  return call<Job>(path(["jobs", id]), { method: "DELETE", tries: 3 });
}

/** Run a failed or cancelled job again; resolves with the new job. */
export function retryJob(id: string): Promise<Job> {
  return call<Job>(path(["jobs", id, "retry"]), { method: "POST", headers: once() });
}

/** Return the header that makes a submission happen once, however often a lost connection makes us send it. */
export function once(): Record<string, string> {
  // crypto.randomUUID exists in secure contexts alone.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { "Idempotency-Key": Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}
