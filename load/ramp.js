// Users: 20 of them, ramping to 100. Each submits a job and waits for its end in the same call, looks at the list, and thinks.
import { sleep } from "k6";
import { SECONDS, STATISTICS, list, status, submit, wanted } from "./farm.js";

const WANTED = wanted("ramp");

export const options = {
  summaryTrendStats: STATISTICS,
  scenarios: {
    users: {
      executor: "ramping-vus",
      startVUs: WANTED.from_users,
      stages: [
        { duration: `${SECONDS * 0.6}s`, target: WANTED.to_users },
        { duration: `${SECONDS * 0.4}s`, target: WANTED.to_users },
      ],
      gracefulRampDown: "5s",
    },
  },
  thresholds: {
    http_req_duration: [`p(95)<${WANTED.p95_ms}`],
    http_req_failed: [`rate<${WANTED.failed}`],
    checks: [`rate>${1 - WANTED.failed}`],
  },
};

export default function user() {
  const id = submit(0, { Prefer: "wait=20" });
  status(id);
  list();
  sleep(WANTED.think_s * (0.5 + Math.random()));
}
