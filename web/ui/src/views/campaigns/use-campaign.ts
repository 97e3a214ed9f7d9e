/** One campaign: its job, what it shows while it runs, and its report when it has ended. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { type JobEvent, jobEvents } from "../../api/job-events";
import { showJob } from "../../api/jobs";
import { isAbort } from "../../api/problem";
import { type Job, isFinal } from "../../api/types";
import { report as readReport } from "./calls";
import type { LiveKey, LivePath, Report, Told } from "./types";

export interface Rate {
  readonly at: number;
  readonly done: number;
}

export interface Campaign {
  readonly job: Job | undefined;
  readonly report: Report | undefined;
  readonly error: Error | undefined;
  /** The newest of the partial events that show most traces. */
  readonly told: Told | null;
  readonly path: LivePath | null;
  readonly key: LiveKey | null;
  readonly tracesPerS: number | null;
  /** The event stream broke off and is being resumed. */
  readonly broken: boolean;
  readonly put: (job: Job) => void;
  readonly reload: () => void;
}

const WINDOW_MS = 8000;

export function useCampaign(id: string): Campaign {
  const [job, setJob] = useState<Job | undefined>(undefined);
  const [report, setReport] = useState<Report | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [told, setTold] = useState<Told | null>(null);
  const [path, setPath] = useState<LivePath | null>(null);
  const [key, setKey] = useState<LiveKey | null>(null);
  const [broken, setBroken] = useState(false);
  const [round, setRound] = useState(0);
  const newest = useRef<Job | undefined>(undefined);
  const rates = useRef<Rate[]>([]);
  const put = useCallback((seen: Job) => {
    newest.current = seen;
    setJob(seen);
  }, []);
  useEffect(() => {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const look = async () => {
      const seen = await showJob(id, signal);
      if (!signal.aborted) put(seen);
      return seen;
    };
    const heard = ({ name, at, data }: JobEvent) => {
      const now = newest.current;
      if (name === "partial") {
        const partial = data as Told;
        if (partial.path) setPath(partial.path);
        if (partial.key) setKey(partial.key);
        // Workers tell what they see: one that sees less than was told before has nothing new to say.
        if (partial.traces !== undefined) setTold((before) => ((partial.traces ?? 0) >= (before?.traces ?? 0) ? partial : before));
      } else if (name === "progress" && now?.state === "running") {
        const progress = { ...now.progress, ...(data as Partial<Job["progress"]>) };
        rates.current = [...rates.current, { at, done: progress.done }].filter((rate) => at - rate.at <= WINDOW_MS && rate.done <= progress.done);
        put({ ...now, progress });
      } else if (name !== "progress" && !(now !== undefined && isFinal(now.state))) {
        look().catch(() => undefined);
      }
    };
    const live = async () => {
      let seen = await look();
      if (!isFinal(seen.state)) {
        for await (const event of jobEvents(id, { signal, onConnection: (up) => setBroken(!up) })) heard(event);
        if (signal.aborted) return;
        seen = await look();
      }
      if (seen.state === "succeeded") {
        const found = await readReport(id, signal);
        if (!signal.aborted) setReport(found);
      }
    };
    setError(undefined);
    live().catch((reason: unknown) => {
      if (!signal.aborted && !isAbort(reason)) setError(reason as Error);
    });
    return () => giveUp.abort();
  }, [id, round]);
  const reload = useCallback(() => setRound((number) => number + 1), []);
  return { job, report, error, told, path, key, tracesPerS: rateOf(rates.current), broken, put, reload };
}

/** Return traces per second over the last seconds; null while nothing can be said. */
export function rateOf(rates: readonly Rate[]): number | null {
  const [first, last] = [rates[0], rates.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < 500) return null;
  return ((last.done - first.done) * 1000) / (last.at - first.at);
}
