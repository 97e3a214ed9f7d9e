// What the scripts share: where the farm is, how hard to try, and what a user of it does.
import http from "k6/http";
import { check } from "k6";

export const FARM = `${__ENV.FARM || "http://127.0.0.1:8080"}/api/v2`;
export const SECONDS = Number(__ENV.SECONDS || 60);

const JSON_BODY = { "Content-Type": "application/json" };
const KEY = __ENV.DASEIN_API_KEY ? { "X-API-Key": __ENV.DASEIN_API_KEY } : {};

export function wanted(name) {
  return JSON.parse(open("./thresholds.json"))[name];
}

// One job that does nothing, under a name that all such calls share in the figures.
export function submit(seconds, how) {
  const body = JSON.stringify({ kind: "ping", params: { echo: "k6", duration_s: seconds || 0 } });
  const headers = Object.assign({}, JSON_BODY, KEY, how || {});
  const answer = http.post(`${FARM}/jobs`, body, { headers, tags: { name: "POST /jobs" } });
  check(answer, { "the job is taken": (seen) => seen.status === 200 || seen.status === 202 });
  return answer.json("id");
}

export function status(id) {
  const answer = http.get(`${FARM}/jobs/${id}`, { headers: KEY, tags: { name: "GET /jobs/{id}" } });
  check(answer, { "the job is known": (seen) => seen.status === 200 });
}

export function list() {
  const answer = http.get(`${FARM}/jobs?limit=20`, { headers: KEY, tags: { name: "GET /jobs" } });
  check(answer, { "jobs are listed": (seen) => seen.status === 200 });
}

export function polls(id, number, wait) {
  return http.batch(
    Array.from({ length: number }, () => [
      "GET",
      `${FARM}/jobs/${id}?wait=${wait}`,
      null,
      { headers: KEY, tags: { name: "GET /jobs/{id}?wait" }, timeout: "120s" },
    ]),
  );
}

export const STATISTICS = ["med", "p(95)", "p(99)", "max", "count"];
