/** One job with its events, live over the job's own stream. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { type JobEvent, jobEvents } from "../../api/job-events";
import { showJob } from "../../api/jobs";
import { isAbort } from "../../api/problem";
import { type Job, isFinal } from "../../api/types";

export interface Followed {
  readonly job: Job | undefined;
  readonly error: Error | undefined;
  readonly events: readonly JobEvent[];
  /** Older events that are no longer kept here. */
  readonly left: number;
  /** The event stream broke off and is being resumed. */
  readonly broken: boolean;
  readonly put: (job: Job) => void;
  readonly reload: () => void;
}

const KEPT = 200;

export function useJob(id: string): Followed {
  const [job, setJob] = useState<Job | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [events, setEvents] = useState<{ kept: readonly JobEvent[]; left: number }>({ kept: [], left: 0 });
  const [broken, setBroken] = useState(false);
  const [round, setRound] = useState(0);
  const newest = useRef<Job | undefined>(undefined);
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
    };
    const heard = (event: JobEvent) => {
      setEvents(({ kept, left }) => {
        const all = joined(kept, event);
        return all.length > KEPT ? { kept: all.slice(-KEPT), left: left + all.length - KEPT } : { kept: all, left };
      });
      const now = newest.current;
      if (event.name === "progress" && now !== undefined && now.state === "running") {
        put({ ...now, progress: { ...now.progress, ...(event.data as Partial<Job["progress"]>) } });
      } else if (event.name !== "partial" && !(now !== undefined && isFinal(now.state))) {
        look().catch(() => undefined);
      }
    };
    const live = async () => {
      await look();
      for await (const event of jobEvents(id, { signal, onConnection: (up) => setBroken(!up) })) heard(event);
      // Whatever its last event said: the record is what counts.
      if (!signal.aborted) await look();
    };
    setError(undefined);
    setEvents({ kept: [], left: 0 });
    live().catch((reason: unknown) => {
      if (!signal.aborted && !isAbort(reason)) setError(reason as Error);
    });
    return () => giveUp.abort();
  }, [id, round]);
  const reload = useCallback(() => setRound((number) => number + 1), []);
  return { job, error, events: events.kept, left: events.left, broken, put, reload };
}

/** Add an event; of several steps in a row only the last is of interest, and an end is told once. */
export function joined(kept: readonly JobEvent[], event: JobEvent): JobEvent[] {
  const last = kept.at(-1);
  if (event.name === "progress" && last?.name === "progress") return [...kept.slice(0, -1), event];
  if (event.name === "done" && last?.name === "state" && last.data.state === event.data.state) return [...kept];
  return [...kept, event];
}
