// A thousand requests a second, whatever the answers take: mostly states of jobs, some submissions, a few lists.
import { SECONDS, STATISTICS, list, status, submit, wanted } from "./farm.js";

const WANTED = wanted("rate");

export const options = {
  summaryTrendStats: STATISTICS,
  scenarios: {
    requests: {
      executor: "constant-arrival-rate",
      rate: WANTED.per_s,
      timeUnit: "1s",
      duration: `${SECONDS}s`,
      preAllocatedVUs: 100,
      maxVUs: 400,
    },
  },
  thresholds: {
    http_req_duration: [`p(95)<${WANTED.p95_ms}`],
    http_req_failed: [`rate<${WANTED.failed}`],
    checks: [`rate>${1 - WANTED.failed}`],
    dropped_iterations: [`count<${WANTED.dropped * WANTED.per_s * SECONDS}`],
  },
};

export function setup() {
  return { id: submit(0) };
}

export default function request(known) {
  const drawn = Math.random();
  if (drawn < 0.9) {
    status(known.id);
  } else if (drawn < 0.98) {
    submit(0);
  } else {
    list();
  }
}
