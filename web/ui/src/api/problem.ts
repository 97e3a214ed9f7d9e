/** What can go wrong with a call: the server's problem documents, and a server that is not there. */

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** An answer that is an error (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  readonly field: string | null;
  readonly errors: readonly FieldError[];
  /** Names the request in the server's log. */
  readonly traceId: string | null;
  readonly retryAfterS: number | null;

  constructor(status: number, body: Record<string, unknown>, retryAfterS: number | null = null) {
    super(text(body.detail) ?? text(body.title) ?? `HTTP ${status}`);
    this.status = status;
    this.code = text(body.code) ?? `http-${status}`;
    this.field = text(body.field);
    this.traceId = text(body.trace_id);
    this.retryAfterS = retryAfterS;
    this.errors = Array.isArray(body.errors)
      ? body.errors.map((item: Record<string, unknown>) => ({ field: text(item?.field) ?? "", message: text(item?.message) ?? "" }))
      : [];
  }

  /** Say whether the same call may succeed a little later. */
  get passing(): boolean {
    return this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** No answer came: no network, or no server. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The caller gave the call up: nobody needs to be told. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Read the problem of an answer that is not ok. */
export async function problemOf(response: Response): Promise<Problem> {
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfterS = Number.isFinite(after) ? after : null;
  let body: Record<string, unknown> = {};
  if (/^application\/(problem\+)?json/.test(response.headers.get("Content-Type") ?? "")) {
    const parsed: unknown = await response.json().catch(() => null);
    if (typeof parsed === "object" && parsed !== null) body = parsed as Record<string, unknown>;
  }
  return new Problem(response.status, body, retryAfterS);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
