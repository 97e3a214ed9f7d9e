/** The list of jobs as a value: newest first, built from pages, kept true by events. */

import type { Job, JobsPage } from "../../api/types";

export interface JobList {
  readonly jobs: readonly Job[];
  /** Of the page after the last job here; null: there is none. */
  readonly cursor: string | null;
}

export interface Filter {
  readonly kind: string | null;
  readonly state: string | null;
  readonly tag: string | null;
}

/** When a job was submitted, in microseconds: many fit into one millisecond, where Date ends. */
export function submittedUs(job: Job): number {
  const at = job.timings.submitted_at;
  const beyond = /\.\d{3}(\d{1,3})/.exec(at)?.[1] ?? "";
  return 1000 * Date.parse(at) + Number(beyond.padEnd(3, "0"));
}

export function fits(job: Job, filter: Filter): boolean {
  return (
    job.parent === null &&
    (filter.kind === null || job.kind === filter.kind) &&
    (filter.state === null || job.state === filter.state) &&
    (filter.tag === null || job.tags.includes(filter.tag))
  );
}

/** Add the next page. */
export function extended(list: JobList, page: JobsPage): JobList {
  const known = new Set(list.jobs.map((job) => job.id));
  return { jobs: [...list.jobs, ...page.jobs.filter((job) => !known.has(job.id))], cursor: page.cursor };
}

/** Put a first page that was read again in the place of what it covers. The order is the server's, not ours to know. */
export function refreshed(list: JobList, page: JobsPage): JobList {
  const inPage = new Set(page.jobs.map((job) => job.id));
  const covered = list.jobs.findLastIndex((job) => inPage.has(job.id));
  // Without a job that both know there may be others in between: begin anew.
  const older = page.cursor === null || covered === -1 ? [] : list.jobs.slice(covered + 1);
  return older.length === 0 ? { jobs: page.jobs, cursor: page.cursor } : { jobs: [...page.jobs, ...older], cursor: list.cursor };
}

/** Apply what events said about jobs: changed in place, new ones added, those that fit no longer taken out. */
export function updated(list: JobList, changes: ReadonlyMap<string, Job>, filter: Filter): JobList {
  const left = new Map(changes);
  const jobs: Job[] = [];
  for (const job of list.jobs) {
    const change = left.get(job.id);
    if (change === undefined) jobs.push(job);
    else if (fits(change, filter)) jobs.push(change);
    left.delete(job.id);
  }
  const last = list.jobs.at(-1);
  for (const job of [...left.values()].sort((a, b) => submittedUs(a) - submittedUs(b))) {
    // What lies behind the last page that was read comes with its own page.
    const known = list.cursor === null || last === undefined || submittedUs(job) >= submittedUs(last);
    if (!known || !fits(job, filter)) continue;
    const at = jobs.findIndex((item) => submittedUs(item) <= submittedUs(job));
    jobs.splice(at === -1 ? jobs.length : at, 0, job);
  }
  return { jobs, cursor: list.cursor };
}
