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

/** Newest first, as the API lists. */
export function order(a: Job, b: Job): number {
  const [left, right] = [Date.parse(a.timings.submitted_at), Date.parse(b.timings.submitted_at)];
  if (left !== right) return right - left;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
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

/** Put a first page that was read again in the place of what it covers. */
export function refreshed(list: JobList, page: JobsPage): JobList {
  const last = page.jobs.at(-1);
  const inPage = new Set(page.jobs.map((job) => job.id));
  // Without a job that both know there may be others in between: begin anew.
  const overlaps = list.jobs.some((job) => inPage.has(job.id));
  if (page.cursor === null || last === undefined || !overlaps) return { jobs: page.jobs, cursor: page.cursor };
  const older = list.jobs.filter((job) => !inPage.has(job.id) && order(job, last) > 0);
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
  // What lies behind the last page that was read comes with its own page.
  const added = [...left.values()].filter(
    (job) => fits(job, filter) && (list.cursor === null || last === undefined || order(job, last) < 0),
  );
  return { jobs: added.length === 0 ? jobs : [...jobs, ...added].sort(order), cursor: list.cursor };
}
