/** Calls about things that are known. */

import { call, path } from "../../api/client";
import { follow } from "../../api/sse";
import type { Job } from "../../api/types";
import { isFinal } from "../../api/types";
import type { BatchesPage, Instruction, Neighbourhood, SimilarAnswer } from "./types";

const WAIT_S = 25;

export function instruction(id: string, signal?: AbortSignal): Promise<Instruction> {
  return call(path(["instructions", id]), { signal });
}

export function similar(id: string, signal?: AbortSignal): Promise<SimilarAnswer> {
  return call(path(["instructions", id, "similar"], { limit: 8 }), { signal });
}

export function around(id: string, how: { hops: number; limit: number }, signal?: AbortSignal): Promise<Neighbourhood> {
  return call(path(["graph", id], how), { signal });
}

export function batches(query: { kind?: string; cursor?: string | null; limit?: number }, signal?: AbortSignal): Promise<BatchesPage> {
  return call(path(["documents"], query), { signal });
}

/** Submit a job; the key makes a submission that is sent twice one job. */
export function submit(where: string, body: unknown, signal?: AbortSignal): Promise<Job> {
  return call(where, { method: "POST", body, headers: { "Idempotency-Key": onceKey() }, signal });
}

/** Return a job as it is when it has ended, told of every change until then; a lost connection is waited out. */
export async function ended(id: string, signal: AbortSignal, onChange: (job: Job) => void = () => undefined): Promise<Job> {
  for (let wait = 0; ; wait = WAIT_S) {
    const job = await call<Job>(path(["jobs", id], { wait }), { signal, tries: 20 });
    onChange(job);
    if (isFinal(job.state)) return job;
  }
}

/** Return a job as it is when it has ended, told of its progress as it is made. */
export async function watched(id: string, signal: AbortSignal, onProgress: (progress: Job["progress"]) => void): Promise<Job> {
  for await (const event of follow(path(["jobs", id, "events"]), { signal })) {
    if (event.name === "progress") onProgress(JSON.parse(event.data) as Job["progress"]);
  }
  return await ended(id, signal);
}

/** Ask for a job to be stopped; one that has ended stays as it is. */
export async function stop(id: string): Promise<void> {
  await call(path(["jobs", id]), { method: "DELETE" });
}

/** Return a new key, also where the page is not served over TLS and has no `crypto.randomUUID`. */
export function onceKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
