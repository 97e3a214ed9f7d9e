/** Calls of administration. */

import { answer, call, path } from "../../api/client";
import type { Job, Role } from "../../api/types";

/** Names of operations, as `/me` lists them. */
export const OPERATIONS = {
  listKeys: "list_keys",
  createKey: "make_key",
  rotateKey: "rotate_key",
  revokeKey: "revoke_key",
  listTenants: "list_tenants",
  createTenant: "make_tenant",
  changeTenant: "change_tenant",
  exportTenant: "export_tenant",
  eraseTenant: "erase_tenant",
  listAudit: "show_audit",
  listDeliveries: "list_deliveries",
  replayDelivery: "replay_delivery",
  showSecret: "show_webhook_secret",
  rotateSecret: "rotate_webhook_secret",
} as const;

export interface Key {
  readonly prefix: string;
  readonly name: string;
  readonly role: Role;
  readonly tenant: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly created_by: string | null;
}

/** A key as it is told once. */
export interface FreshKey extends Key {
  readonly key: string;
}

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly tenant?: string;
  readonly expires_in_s?: number;
}

export function listKeys(tenant: string | null, signal?: AbortSignal): Promise<{ keys: readonly Key[] }> {
  return call(path(["keys"], { tenant }), { signal });
}

export function createKey(key: NewKey): Promise<FreshKey> {
  return call("/keys", { method: "POST", body: key });
}

export function rotateKey(prefix: string, graceS: number): Promise<FreshKey> {
  return call(path(["keys", prefix, "rotate"]), { method: "POST", body: { grace_s: graceS } });
}

export function revokeKey(prefix: string): Promise<void> {
  return call(path(["keys", prefix]), { method: "DELETE", tries: 3 });
}

export const QUOTAS = ["jobs_in_flight", "traces_per_day", "storage_bytes"] as const;
export type Quota = (typeof QUOTAS)[number];
/** Null: no limit. */
export type Quotas = Readonly<Partial<Record<Quota, number | null>>>;

export interface Tenant {
  readonly id: string;
  readonly title: string;
  /** Null: the home tenant was always there. */
  readonly created_at: string | null;
  readonly suspended: boolean;
  readonly quotas: Quotas;
  readonly usage: Readonly<Partial<Record<Quota, number | null>>>;
}

export function listTenants(signal?: AbortSignal): Promise<{ tenants: readonly Tenant[] }> {
  return call("/tenants", { signal });
}

export function createTenant(tenant: { id: string; title?: string; quotas?: Quotas }): Promise<Tenant> {
  return call("/tenants", { method: "POST", body: tenant });
}

export function changeTenant(id: string, changes: { title?: string; suspended?: boolean; quotas?: Quotas }): Promise<Tenant> {
  return call(path(["tenants", id]), { method: "PATCH", body: changes });
}

export async function exportTenant(id: string): Promise<Blob> {
  return (await answer(path(["tenants", id, "export"]), { headers: { Accept: "application/zip" }, tries: 1 })).blob();
}

/** Resolves with the job that erases, and whose result says what every store still holds. */
export function eraseTenant(id: string): Promise<Job> {
  return call(path(["tenants", id, "data"]), { method: "DELETE" });
}

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly tenant: string | null;
  readonly name: string | null;
  readonly role: Role | null;
  readonly method: string;
  readonly path: string;
  readonly operation: string | null;
  readonly status: number;
  readonly code: string | null;
  readonly address: string | null;
  readonly request_id: string;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly cursor: string | null;
}

/** Of calls with an outcome; `unknown`: of nobody we know. */
export function listAudit(outcome: string | null, cursor: string | null, signal?: AbortSignal): Promise<AuditPage> {
  const which = outcome === "unknown" ? { unknown: true } : { outcome };
  return call(path(["audit"], { ...which, cursor, limit: 50 }), { signal });
}

export interface Delivery {
  /** Also the job's. */
  readonly id: string;
  readonly job: string;
  readonly url: string;
  readonly state: "pending" | "delivered" | "failed";
  readonly attempts: number;
  readonly created_at: string;
  readonly due_at: string | null;
  readonly settled_at: string | null;
  readonly status: number | null;
  readonly problem: string | null;
}

/** The newest deliveries. */
export async function listDeliveries(signal?: AbortSignal): Promise<readonly Delivery[]> {
  return (await call<{ readonly webhooks: readonly Delivery[] }>(path(["webhooks"], { limit: 200 }), { signal })).webhooks;
}

export function replayDelivery(id: string): Promise<Delivery> {
  return call(path(["webhooks", id, "replay"]), { method: "POST" });
}

export interface Secret {
  readonly secret: string;
  readonly created_at: string;
  /** Until when the one before it signs as well. */
  readonly previous_until: string | null;
}

export function showSecret(): Promise<Secret> {
  return call("/webhooks/secret");
}

export function rotateSecret(): Promise<Secret> {
  return call("/webhooks/secret", { method: "POST" });
}
