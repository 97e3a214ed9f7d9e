/** What the API says, as far as several views read it. */

export type State = "queued" | "running" | "succeeded" | "failed" | "cancelled";
export const STATES: readonly State[] = ["queued", "running", "succeeded", "failed", "cancelled"];

export function isFinal(state: State): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: State;
  readonly progress: { readonly done: number; readonly total: number; readonly message: string };
  /** Null in lists. */
  readonly params: JsonObject | null;
  readonly result: JsonObject | null;
  readonly error: { readonly code: string; readonly message: string; readonly field: string | null; readonly reason: string | null } | null;
  readonly timings: {
    readonly submitted_at: string;
    readonly started_at: string | null;
    readonly finished_at: string | null;
    readonly queued_s: number | null;
    readonly ran_s: number | null;
  };
  readonly attempts: number;
  readonly worker: string | null;
  readonly tags: readonly string[];
  readonly priority: number;
  readonly deadline_at: string | null;
  readonly cancel_requested: boolean;
  readonly parent: string | null;
  readonly retry_of: string | null;
  /** The batch that it was submitted with. */
  readonly batch: string | null;
  readonly links: {
    readonly self: string;
    readonly events: string;
    readonly report: string | null;
    readonly traces: string | null;
    readonly records: string | null;
  };
}

/** Kinds of jobs that are campaigns, simulated and measured: they end with the same report. */
export type ReportedKind = "campaign" | "simulation.import";

export function isReported(kind: string): kind is ReportedKind {
  return kind === "campaign" || kind === "simulation.import";
}

export interface JobsPage {
  readonly jobs: readonly Job[];
  readonly cursor: string | null;
}

export type Role = "viewer" | "submitter" | "operator" | "admin";
export const ROLES: readonly Role[] = ["viewer", "submitter", "operator", "admin"];

export interface Me {
  readonly tenant: string;
  readonly role: Role;
  readonly name: string;
  /** The key's prefix. */
  readonly key: string | null;
  readonly authentication: "none" | "key" | "jwt";
  readonly home: boolean;
  readonly operations: readonly string[];
  readonly version: string;
}
