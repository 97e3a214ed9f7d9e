/** Calls about records. */

import { answer, call, path } from "../../api/client";
import type { Job } from "../../api/types";
import { upload } from "../../api/upload";
import { ended, onceKey } from "../things/calls";
import type { BatchResult, LinesPage, Rem, SearchAnswer } from "./types";

const READY_S = 10;

export function lines(query: { modality?: string; cursor?: string | null; limit?: number }, signal?: AbortSignal): Promise<LinesPage> {
  return call(path(["rems"], query), { signal });
}

export function record(id: string, signal?: AbortSignal): Promise<Rem> {
  return call(path(["rems", id]), { signal });
}

/** What to look for: words, or a picture. */
export interface Wanted {
  readonly words: string;
  readonly picture: File | null;
  readonly modality: string;
}

export async function search(wanted: Wanted, signal: AbortSignal): Promise<SearchAnswer> {
  const { words, picture, modality } = wanted;
  const subject = picture ? { artifact: (await upload(picture, { mediaType: picture.type, signal })).artifact_id } : { query: words };
  const body = { ...subject, ...(modality ? { modality } : {}), limit: 48 };
  const headers = { "Idempotency-Key": onceKey(), Prefer: `wait=${READY_S}` };
  const job = await call<Job>("/rems/search", { method: "POST", body, headers, signal });
  const end = job.state === "succeeded" ? job : await ended(job.id, signal);
  if (end.state !== "succeeded") throw new Error(end.error?.message ?? end.state);
  return end.result as unknown as SearchAnswer;
}

/** Return what became of every file of a job, however many there are. */
export async function outcomes(job: Job, signal: AbortSignal): Promise<BatchResult> {
  const told = job.result as unknown as BatchResult;
  return told.more > 0 ? await call<BatchResult>(path(["rems", "jobs", job.id, "result"]), { signal }) : told;
}

export async function remove(id: string): Promise<void> {
  const job = await call<Job>(path(["rems", id]), { method: "DELETE", headers: { "Idempotency-Key": onceKey() } });
  const end = await ended(job.id, new AbortController().signal);
  if (end.state !== "succeeded") throw new Error(end.error?.message ?? end.state);
}

/** Return a report of a sequence in one of its forms. */
export async function report(job: string, form: "html" | "json" | "csv" | "png", signal?: AbortSignal): Promise<Blob> {
  const response = await answer(path(["rems", "jobs", job, "report"], { format: form }), { headers: { Accept: "*/*" }, signal });
  return await response.blob();
}
