import { afterEach, expect, test, vi } from "vitest";

import { type Step, TurnFailed, take } from "../src/views/ask/turn";

const QUESTION = { message: "Which leaks?", session: null, mode: "mix" } as const;
const START = 'event: start\ndata: {"job":"j1"}\n\n';
const DONE = 'event: done\ndata: {"session":"s","turn":{}}\n\n';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function stream(...pieces: string[]): Response {
  return new Response(pieces.join(""), { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

/** Answer one call after the other; return what was asked. */
function answers(...given: (Response | Error)[]): { url: string; init: RequestInit }[] {
  const asked: { url: string; init: RequestInit }[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    asked.push({ url, init });
    const next = given.shift();
    return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new TypeError("nothing more"));
  });
  return asked;
}

async function all(steps: AsyncGenerator<Step>): Promise<Step[]> {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
  const found: Step[] = [];
  for await (const step of steps) found.push(step);
  return found;
}

const signal = () => new AbortController().signal;

test("an answer that is spoken comes piece by piece, and whole in the end", async () => {
  answers(stream(START, 'event: token\ndata: {"text":"ldrb"}\n\n', ": still here\n\n", DONE));

  const steps = await all(take(QUESTION, "k", signal()));

  expect(steps.map((step) => step.kind)).toEqual(["anew", "job", "token", "done"]);
});

test("a stream that breaks off is asked for again under the same key, and begins anew", async () => {
  const asked = answers(stream(START, 'event: token\ndata: {"text":"half"}\n\n'), stream(START, DONE));

  const steps = await all(take(QUESTION, "k", signal()));

  expect(steps.map((step) => step.kind)).toEqual(["anew", "job", "token", "lost", "anew", "job", "done"]);
  expect(asked.map(({ init }) => (init.headers as Record<string, string>)["Idempotency-Key"])).toEqual(["k", "k"]);
});

test("where no stream can be had the job is waited for", async () => {
  const asked = answers(json({ id: "j1", state: "queued" }, 202), json({ id: "j1", state: "running" }), json({ id: "j1", state: "succeeded", result: { session: "s", turn: {} } }));

  const steps = await all(take(QUESTION, "k", signal()));

  expect(steps.map((step) => step.kind)).toEqual(["job", "done"]);
  expect(asked.map(({ url }) => url)).toEqual(["/api/v2/chat", "/api/v2/jobs/j1?wait=0", "/api/v2/jobs/j1?wait=25"]);
});

test("a server that ends its streams leaves the job to be waited for", async () => {
  answers(stream(START, 'event: error\ndata: {"code":"not-in-time","detail":"Look at the job."}\n\n'), json({ id: "j1", state: "succeeded", result: { session: "s", turn: {} } }));

  const steps = await all(take(QUESTION, "k", signal()));

  expect(steps.at(-1)?.kind).toBe("done");
});

test("a turn that failed says why", async () => {
  answers(stream(START, 'event: error\ndata: {"code":"invalid-input","detail":"It names nothing."}\n\n'));

  await expect(all(take(QUESTION, "k", signal()))).rejects.toThrow(new TurnFailed("invalid-input", "It names nothing."));
});
