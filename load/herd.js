// A herd: thousands of long polls wait for one job, and all of them are told of its end. How late is the last of them?
import { check } from "k6";
import { Trend } from "k6/metrics";
import { STATISTICS, polls, submit, wanted } from "./farm.js";

const WANTED = wanted("herd");
const EACH = 10;
const told = new Trend("told_ms", false);

export const options = {
  summaryTrendStats: STATISTICS,
  batchPerHost: EACH,
  scenarios: {
    herd: { executor: "per-vu-iterations", vus: WANTED.waiters / EACH, iterations: 1, maxDuration: "120s" },
  },
  thresholds: {
    told_ms: [`p(95)<${WANTED.p95_ms}`],
    http_req_failed: [`rate<${WANTED.failed}`],
    checks: [`rate>${1 - WANTED.failed}`],
  },
};

export function setup() {
  return { id: submit(WANTED.lasts_s) };
}

export default function herd(known) {
  let answers;
  // A poll that began before the job did hears of its start first.
  do {
    answers = polls(known.id, EACH, 60);
  } while (answers.every((answer) => answer.status === 200 && answer.json("state") === "running"));
  const now = Date.now();
  for (const answer of answers) {
    const ended = check(answer, { "its end is told": (seen) => seen.status === 200 && seen.json("state") === "succeeded" });
    if (ended) {
      told.add(now - Date.parse(answer.json("timings.finished_at") || answer.json("finished_at")));
    }
  }
}
