/** Calls of the API: JSON in and out, problems as errors, lost connections tried again where that is safe. */

import { signal } from "@preact/signals";

import { type Backoff, delayMs, sleep } from "./backoff";
import { currentKey, keyRefused } from "./key";
import { Problem, Unreachable, isAbort, problemOf } from "./problem";

export const PREFIX = "/api/v2";
const TRIES = 4;
const BACKOFF: Backoff = { firstMs: 400, longestMs: 4000 };

/** Whether the last call reached the server. */
export const reachable = signal(true);

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, with `headers` naming its type. */
  readonly raw?: BodyInit;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
  /** Tries in all. Reads default to four; writes to one, unless an Idempotency-Key makes them safe to repeat. */
  readonly tries?: number;
  /** Used in place of the kept key, and a refusal is then the caller's to handle. */
  readonly key?: string | null;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

/** Return a path below the API with its query; what is null, undefined or empty is left out. */
export function path(parts: readonly string[], query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return `/${parts.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

/** Call and return the JSON of the answer (undefined if it has none); reject with Problem, Unreachable or an AbortError. */
export async function call<T>(where: string, options: Call = {}): Promise<T> {
  const response = await answer(where, options);
  if (response.status === 204 || response.status === 304) return undefined as T;
  return (await response.json()) as T;
}

/** Call and return the answer itself, when it is ok: for streams, blobs and headers. */
export async function answer(where: string, options: Call = {}): Promise<Response> {
  const { method = "GET", headers = {} } = options;
  const repeatable = method === "GET" || "Idempotency-Key" in headers;
  const tries = options.tries ?? (repeatable ? TRIES : 1);
  for (let failures = 1; ; failures += 1) {
    try {
      return await once(where, method, options);
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Problem && error.passing);
      if (!passing || failures >= tries) throw error;
      const asked = error instanceof Problem ? (error.retryAfterS ?? 0) * 1000 : 0;
      await sleep(Math.max(delayMs(failures, BACKOFF), Math.min(asked, BACKOFF.longestMs)), options.signal);
    }
  }
}

/** Return the address of a call: links of answers carry the prefix already. */
export function address(where: string): string {
  return where.startsWith(PREFIX) ? where : PREFIX + where;
}

/** Return the headers that say who calls. */
export function identity(key: string | null = currentKey()): Record<string, string> {
  return key === null ? {} : { "X-API-Key": key };
}

async function once(where: string, method: string, options: Call): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...identity(options.key === undefined ? currentKey() : options.key) };
  const init: RequestInit = { method, headers, credentials: "omit", cache: "no-store", redirect: "error" };
  if (options.signal) init.signal = options.signal;
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(options.body);
  } else if (options.raw !== undefined) {
    init.body = options.raw;
  }
  Object.assign(headers, options.headers);
  let response: Response;
  try {
    response = await fetch(address(where), init);
  } catch (error) {
    if (isAbort(error)) throw error;
    reachable.value = false;
    throw new Unreachable("The server does not answer.", { cause: error });
  }
  reachable.value = true;
  if (response.ok || response.status === 304) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && options.key === undefined) keyRefused();
  throw problem;
}
