import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Problem } from "../src/api/problem";
import { follow } from "../src/api/sse";

type Answer = () => Response;
const asked: (string | null)[] = [];
let answers: Answer[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    asked.push(new Headers(init.headers).get("Last-Event-ID"));
    const answer = answers.shift();
    if (answer === undefined) throw new TypeError("Failed to fetch");
    return answer();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const stream = (text: string): Answer => () => new Response(text, { headers: { "Content-Type": "text/event-stream" } });
const problem = (status: number): Answer => () =>
  new Response(JSON.stringify({ code: "x", detail: "why" }), { status, headers: { "Content-Type": "application/problem+json" } });

async function followed(signal = new AbortController().signal): Promise<string[]> {
  const seen: string[] = [];
  const reading = (async () => {
    for await (const event of follow("/jobs/1/events", { signal })) seen.push(`${event.id} ${event.name}`);
  })();
  reading.catch(() => undefined);
  await vi.runAllTimersAsync();
  await reading;
  return seen;
}

test("a stream that breaks off is resumed after the last event that was seen", async () => {
  answers = [stream("id: 1-0\nevent: state\ndata: {}\n\nid: 2-0\ndata: cut"), stream("id: 2-0\nevent: done\ndata: {}\n\n")];

  expect(await followed()).toEqual(["1-0 state", "2-0 done"]);
  expect(asked).toEqual([null, "1-0"]);
});

test("a server that is away or overloaded is asked again", async () => {
  answers = [
    () => {
      throw new TypeError("Failed to fetch");
    },
    problem(503),
    stream("id: 5-0\nevent: done\ndata: {}\n\n"),
  ];

  expect(await followed()).toEqual(["5-0 done"]);
  expect(asked).toEqual([null, null, null]);
});

test("a stream that was read to its end before has nothing more", async () => {
  answers = [() => new Response(null, { status: 204 })];

  expect(await followed()).toEqual([]);
});

test("what will not change by asking again is told", async () => {
  answers = [problem(404)];

  await expect(followed()).rejects.toBeInstanceOf(Problem);
  expect(asked).toEqual([null]);
});

test("whoever gives up is not told anything, and no longer asked for", async () => {
  const giveUp = new AbortController();
  answers = [stream("id: 1-0\nevent: state\ndata: {}\n\n")];
  const reading = followed(giveUp.signal);
  giveUp.abort();

  expect(await reading).toEqual(["1-0 state"]);
  expect(asked).toEqual([null]);
});
