import { expect, test } from "vitest";

import type { Job, State } from "../src/api/types";
import { type Filter, extended, refreshed, updated } from "../src/views/jobs/list";
import type { JobEvent } from "../src/api/job-events";
import { joined } from "../src/views/jobs/use-job";

const ALL: Filter = { kind: null, state: null, tag: null };

function job(number: number, state: State = "queued", more: Partial<Job> = {}): Job {
  const at = new Date(1_700_000_000_000 + 1000 * number).toISOString();
  return { id: `j${number}`, kind: "ping", state, parent: null, tags: [], timings: { submitted_at: at }, ...more } as unknown as Job;
}

const jobs = (...numbers: number[]) => numbers.map((number) => job(number));
const numbers = (list: { jobs: readonly Job[] }) => list.jobs.map((item) => Number(item.id.slice(1)));
const changes = (...changed: Job[]) => new Map(changed.map((item) => [item.id, item]));

test("the next page follows, and what is in both is there once", () => {
  const list = extended({ jobs: jobs(9, 8, 7), cursor: "c7" }, { jobs: jobs(7, 6, 5), cursor: null });

  expect([numbers(list), list.cursor]).toEqual([[9, 8, 7, 6, 5], null]);
});

test("a first page that is read again takes the place of what it covers, and older ones stay", () => {
  const list = { jobs: jobs(9, 8, 7, 6, 5, 4), cursor: "c4" };

  const again = refreshed(list, { jobs: jobs(11, 10, 9, 7), cursor: "c7" });

  expect([numbers(again), again.cursor]).toEqual([[11, 10, 9, 7, 6, 5, 4], "c4"]);
});

test("a first page that shares nothing with the list begins it anew, as jobs in between may be missing", () => {
  const again = refreshed({ jobs: jobs(3, 2, 1), cursor: null }, { jobs: jobs(300, 299), cursor: "c299" });

  expect([numbers(again), again.cursor]).toEqual([[300, 299], "c299"]);
});

test("a first page that is the only one is the list", () => {
  expect(numbers(refreshed({ jobs: jobs(9, 8, 7), cursor: null }, { jobs: jobs(9, 7), cursor: null }))).toEqual([9, 7]);
});

test("a new job comes first, a changed one stays where it is", () => {
  const list = updated({ jobs: jobs(3, 2, 1), cursor: null }, changes(job(2, "running"), job(4)), ALL);

  expect(list.jobs.map((item) => `${item.id} ${item.state}`)).toEqual(["j4 queued", "j3 queued", "j2 running", "j1 queued"]);
});

test("what no longer fits the filter leaves, and what does not fit it never comes", () => {
  const filter: Filter = { ...ALL, state: "running" };
  const list = { jobs: [job(3, "running"), job(2, "running")], cursor: null };

  const left = updated(list, changes(job(3, "succeeded"), job(4, "queued"), job(5, "running")), filter);

  expect(numbers(left)).toEqual([5, 2]);
});

test("a change of a job behind the last page that was read waits for its page", () => {
  const list = updated({ jobs: jobs(9, 8), cursor: "c8" }, changes(job(5, "running")), ALL);

  expect(numbers(list)).toEqual([9, 8]);
});

test("jobs of one moment stay in the order in which the server lists them", () => {
  const at = (id: string, micro: string) => job(0, "queued", { id, timings: { submitted_at: `2026-01-01T00:00:00.123${micro}Z` } as Job["timings"] });
  const page = { jobs: [at("b", "9"), at("c", "5"), at("a", "5")], cursor: "c" };
  const list = { jobs: [...page.jobs, at("z", "5"), at("d", "1")], cursor: "c1" };

  expect(refreshed(list, page).jobs.map((item) => item.id)).toEqual(["b", "c", "a", "z", "d"]);
  expect(updated(list, changes(at("e", "91"), at("f", "8")), ALL).jobs.map((item) => item.id)).toEqual(["e", "b", "f", "c", "a", "z", "d"]);
});

test("parts of jobs are not listed", () => {
  const part = job(4, "running", { parent: "j3" });

  expect(numbers(updated({ jobs: jobs(3), cursor: null }, changes(part), ALL))).toEqual([3]);
});

test("of steps in a row the last one is told, and an end once", () => {
  const event = (name: string, data: JobEvent["data"]): JobEvent => ({ id: `${name}${data.done ?? ""}`, name, data, at: 0 });
  const told = [
    event("state", { state: "running" }),
    event("progress", { done: 1 }),
    event("progress", { done: 2 }),
    event("state", { state: "succeeded" }),
    event("done", { state: "succeeded" }),
  ].reduce<JobEvent[]>(joined, []);

  expect(told.map((item) => item.id)).toEqual(["state", "progress2", "state"]);
});
