import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { delayMs } from "../src/api/backoff";
import { call, path, reachable } from "../src/api/client";
import { keepKey, whenRefused } from "../src/api/key";
import { Problem, Unreachable } from "../src/api/problem";

let requests: { url: string; init: RequestInit }[];
let answers: (Response | Error)[];

beforeEach(() => {
  vi.useFakeTimers();
  requests = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    requests.push({ url, init });
    const answer = answers.shift() ?? new TypeError("Failed to fetch");
    if (answer instanceof Error) throw answer;
    return answer;
  });
});

afterEach(() => {
  keepKey(null);
  whenRefused(() => undefined);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers } });

/** Let the waits between tries pass, and return how it ended. */
async function settled<T>(promise: Promise<T>): Promise<T | Error> {
  const ended = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return ended;
}

test("a key is sent as a header, and no cookie ever", async () => {
  keepKey("dsn_k");
  answers = [json({ a: 1 })];

  expect(await settled(call("/me"))).toEqual({ a: 1 });
  expect(requests[0]?.url).toBe("/api/v2/me");
  expect(new Headers(requests[0]?.init.headers).get("X-API-Key")).toBe("dsn_k");
  expect(requests[0]?.init.credentials).toBe("omit");
});

test("a read is tried again when the connection breaks, and the server is known to be back", async () => {
  answers = [new TypeError("Failed to fetch"), json({ code: "unavailable" }, 503, { "Retry-After": "2" }), json({ ok: true })];

  expect(await settled(call("/jobs"))).toEqual({ ok: true });
  expect(requests).toHaveLength(3);
  expect(reachable.value).toBe(true);
});

test("a read is given up after four tries, and the page knows that nobody answers", async () => {
  answers = [];

  expect(await settled(call("/jobs"))).toBeInstanceOf(Unreachable);
  expect(requests).toHaveLength(4);
  expect(reachable.value).toBe(false);
});

test("a write is tried again only if it says by a key that it is the same one", async () => {
  answers = [];
  await settled(call("/jobs", { method: "POST", body: {} }));
  expect(requests).toHaveLength(1);

  await settled(call("/jobs", { method: "POST", body: {}, headers: { "Idempotency-Key": "a" } }));

  expect(requests).toHaveLength(5);
});

test("a problem keeps what the server said", async () => {
  answers = [
    json({ status: 422, code: "invalid-input", detail: "traces: too many", field: "traces", trace_id: "t", errors: [{ field: "traces", message: "too many" }] }, 422),
  ];

  const error = (await settled(call("/campaigns", { method: "POST", body: {} }))) as Problem;

  expect(error).toBeInstanceOf(Problem);
  expect([error.status, error.code, error.message, error.field, error.traceId]).toEqual([422, "invalid-input", "traces: too many", "traces", "t"]);
  expect(error.errors).toEqual([{ field: "traces", message: "too many" }]);
});

test("an error that is no problem document is one all the same", async () => {
  answers = [new Response("<html>Bad gateway", { status: 418, headers: { "Content-Type": "text/html" } })];

  const error = (await settled(call("/jobs"))) as Problem;

  expect([error.status, error.code, error.errors]).toEqual([418, "http-418", []]);
});

test("a full queue is told with its wait rather than tried again", async () => {
  answers = [json({ code: "overloaded", detail: "full" }, 429, { "Retry-After": "30" })];

  const error = (await settled(call("/jobs"))) as Problem;

  expect([requests.length, error.retryAfterS]).toEqual([1, 30]);
});

test("a key that is no longer taken is noticed, but not while one is only tried", async () => {
  let refused = 0;
  whenRefused(() => (refused += 1));
  answers = [json({ code: "unauthenticated" }, 401), json({ code: "unauthenticated" }, 401)];

  await settled(call("/me", { key: "dsn_wrong" }));
  expect(refused).toBe(0);
  await settled(call("/jobs"));

  expect(refused).toBe(1);
});

test("whoever gives up while it waits for another try is let go", async () => {
  answers = [];
  const giveUp = new AbortController();
  const ended = settled(call("/jobs", { signal: giveUp.signal }));
  giveUp.abort();

  expect(await ended).toMatchObject({ name: "AbortError" });
});

test("a path escapes what is put into it and leaves out what is empty", () => {
  expect(path(["jobs", "a/b?c"], { kind: "ping", state: null, tag: "a&b", limit: 0 })).toBe("/jobs/a%2Fb%3Fc?kind=ping&tag=a%26b&limit=0");
  expect(path(["jobs"])).toBe("/jobs");
});

test("waits double up to a bound, and half of them is chance", () => {
  const backoff = { firstMs: 100, longestMs: 1000 };

  expect([1, 2, 3, 4, 5, 60].map((failures) => delayMs(failures, backoff, () => 1))).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect(delayMs(1, backoff, () => 0)).toBe(50);
});
