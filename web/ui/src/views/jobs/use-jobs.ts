/** Jobs that fit a filter, live. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { listJobs, showJob } from "../../api/jobs";
import { isAbort } from "../../api/problem";
import type { Subscription } from "../../api/socket";
import { type Job, isFinal } from "../../api/types";
import { useTopic } from "../../state/topic";
import { type Filter, type JobList, extended, refreshed, updated } from "./list";

/** How long events are gathered before the list is drawn anew. */
const GATHER_MS = 120;
/** Shown jobs behind the first page that are asked for one by one after a gap. */
const LOOKED_AFTER = 30;

export interface Jobs {
  readonly list: JobList | undefined;
  readonly error: Error | undefined;
  readonly loadingMore: boolean;
  readonly more: () => void;
  readonly reload: () => void;
  readonly put: (job: Job) => void;
  /** Told which jobs can be seen: those are kept true also where no events come. */
  readonly watch: (seen: readonly Job[]) => void;
}

export function useJobs(filter: Filter): Jobs {
  const [list, setList] = useState<JobList | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [loadingMore, setLoadingMore] = useState(false);
  const wanted = JSON.stringify(filter);
  const newest = useRef({ filter, list, seen: [] as readonly Job[], busy: false });
  newest.current.filter = filter;
  newest.current.list = list;
  const life = useRef(new AbortController());
  const waiting = useRef(new Map<string, Job>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const change = useCallback((then: (list: JobList) => JobList) => setList((now) => (now === undefined ? now : then(now))), []);

  const refresh = useCallback(async () => {
    const { signal } = life.current;
    try {
      const page = await listJobs(newest.current.filter, null, signal);
      if (signal.aborted) return;
      setError(undefined);
      setList((now) => (now === undefined ? { jobs: page.jobs, cursor: page.cursor } : refreshed(now, page)));
      const fresh = new Set(page.jobs.map((job) => job.id));
      const stale = newest.current.seen.filter((job) => !isFinal(job.state) && !fresh.has(job.id)).slice(0, LOOKED_AFTER);
      const looked = await Promise.all(stale.map((job) => showJob(job.id, signal).catch(() => null)));
      const changes = new Map(looked.filter((job) => job !== null).map((job) => [job.id, job]));
      if (!signal.aborted && changes.size > 0) change((now) => updated(now, changes, newest.current.filter));
    } catch (reason) {
      // A list that is there stays there: the header says that the connection is lost.
      if (!isAbort(reason) && !signal.aborted && newest.current.list === undefined) setError(reason as Error);
    }
  }, []);

  const more = useCallback(async () => {
    const { list: now, busy } = newest.current;
    if (busy || now === undefined || now.cursor === null) return;
    const { signal } = life.current;
    newest.current.busy = true;
    setLoadingMore(true);
    try {
      const page = await listJobs(newest.current.filter, now.cursor, signal);
      if (!signal.aborted) change((list) => extended(list, page));
    } catch (reason) {
      if (!isAbort(reason) && !signal.aborted) setError(reason as Error);
    }
    if (signal.aborted) return;
    newest.current.busy = false;
    setLoadingMore(false);
  }, []);

  const put = useCallback((job: Job) => {
    waiting.current.set(job.id, job);
    timer.current ??= setTimeout(() => {
      timer.current = null;
      const changes = waiting.current;
      waiting.current = new Map();
      change((list) => updated(list, changes, newest.current.filter));
    }, GATHER_MS);
  }, []);

  useEffect(() => {
    setList(undefined);
    setError(undefined);
    setLoadingMore(false);
    newest.current.busy = false;
    newest.current.list = undefined;
    newest.current.seen = [];
    waiting.current = new Map();
    life.current = new AbortController();
    void refresh();
    return () => {
      life.current.abort();
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, [wanted]);

  // Not by state: whoever looks at running jobs must hear that one has ended.
  const subscription: Subscription = {
    topic: "jobs",
    ...(filter.kind === null ? {} : { kind: filter.kind }),
    ...(filter.tag === null ? {} : { tag: filter.tag }),
  };
  useTopic(subscription, { onEvent: (event) => put(event.job), onGap: refresh });

  const reload = useCallback(() => {
    setError(undefined);
    void refresh();
  }, []);
  const watch = useCallback((seen: readonly Job[]) => {
    newest.current.seen = seen;
  }, []);
  return { list, error, loadingMore, more, reload, put, watch };
}
