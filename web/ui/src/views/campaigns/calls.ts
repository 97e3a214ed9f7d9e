/** Calls about campaigns. */

import { answer, call, path } from "../../api/client";
import { once } from "../../api/jobs";
import { Problem } from "../../api/problem";
import { save } from "../../api/save";
import type { Job, JobsPage, JsonObject, ReportedKind } from "../../api/types";
import type { Comparison, Estimate, Listing, Offer, Report, SeriesWindow } from "./types";

/** Questions about a form are answered before campaigns go on. */
const URGENT = 9;
const WAIT_S = 20;
const LONGEST_WAITS = 12;

export function report(id: string, signal?: AbortSignal): Promise<Report> {
  return call<Report>(path(["campaigns", id, "report"], { format: "json" }), { signal });
}

export function series(id: string, from: number, to: number, points: number, signal?: AbortSignal): Promise<SeriesWindow> {
  return call<SeriesWindow>(path(["campaigns", id, "series"], { from, to, points }), { signal });
}

/** Where an instruction's samples are among `points` buckets of the window. */
export function marked(id: string, from: number, to: number, points: number, address: number, signal?: AbortSignal): Promise<SeriesWindow> {
  return call<SeriesWindow>(path(["campaigns", id, "series"], { from, to, points, address }), { signal });
}

export function listing(id: string, from: number, to: number, signal?: AbortSignal): Promise<Listing> {
  return call<Listing>(path(["campaigns", id, "listing"], { from, to, limit: 5000 }), { signal });
}

export function compared(id: string, other: string, signal?: AbortSignal): Promise<Comparison> {
  return call<Comparison>(path(["campaigns", id, "compare"], { with: other, limit: 500 }), { signal });
}

export function campaigns(signal?: AbortSignal, kind: ReportedKind = "campaign"): Promise<JobsPage> {
  return call<JobsPage>(path(["jobs"], { kind, limit: 100 }), { signal });
}

/** Simulated campaigns and imports, the newest first. */
export async function allCampaigns(signal?: AbortSignal): Promise<readonly Job[]> {
  const pages = await Promise.all([campaigns(signal), campaigns(signal, "simulation.import")]);
  return pages.flatMap((page) => page.jobs).sort((a, b) => b.timings.submitted_at.localeCompare(a.timings.submitted_at));
}

export function submitCampaign(body: JsonObject, key: Record<string, string>): Promise<Job> {
  return call<Job>("/campaigns", { method: "POST", body, headers: key });
}

export function inspected(firmware: string, signal: AbortSignal): Promise<Offer> {
  return asked<Offer>("inspect", { firmware }, signal);
}

export function estimated(body: JsonObject, signal: AbortSignal): Promise<Estimate> {
  return asked<Estimate>("estimate", body, signal);
}

/** Save a form of the report under its own name. */
export async function download(id: string, format: "json" | "html" | "csv" | "png"): Promise<void> {
  const response = await answer(path(["campaigns", id, "report"], { format }), { headers: { Accept: "*/*" } });
  save(await response.blob(), `campaign-${id}.${format}`);
}

/** Save a part of the traces that were kept. */
export async function downloadTraces(id: string, part: "traces" | "inputs" | "groups"): Promise<void> {
  const response = await answer(path(["campaigns", id, "traces"], { part }), { headers: { Accept: "*/*" } });
  save(await response.blob(), `campaign-${id}-${part}.npy`);
}

/** Submit a job that answers a question, wait for it, and resolve with its result; a job that failed is a Problem. */
async function asked<T>(kind: string, params: JsonObject, signal: AbortSignal): Promise<T> {
  const headers = { ...once(), Prefer: `wait=${WAIT_S}` };
  let job = await call<Job>("/jobs", { method: "POST", body: { kind, params, priority: URGENT, tags: ["page"] }, headers, signal });
  for (let waits = 0; job.state === "queued" || job.state === "running"; waits += 1) {
    if (waits === LONGEST_WAITS) throw new Problem(504, { code: "not-in-time", detail: "" });
    job = await call<Job>(path(["jobs", job.id], { wait: WAIT_S }), { signal });
  }
  if (job.state === "succeeded") return job.result as unknown as T;
  const { code = job.state, message = job.state, field = null } = job.error ?? {};
  throw new Problem(422, { code, detail: message, field });
}
