/** Files on their way to being records: uploaded one after the other, then looked at by one job. */

import { useEffect, useRef, useState } from "preact/hooks";

import { isAbort } from "../../api/problem";
import type { Job } from "../../api/types";
import { upload } from "../../api/upload";
import { may } from "../../state/session";
import { ended, onceKey, stop as stopJob, submit, watched } from "../things/calls";
import { outcomes } from "./calls";
import type { BatchResult, Outcome } from "./types";

const AT_ONCE = 3;

export interface Chosen {
  readonly key: string;
  readonly file: File;
  readonly sent: number;
  readonly phase: "chosen" | "uploading" | "uploaded" | "failed";
  readonly artifact: string | null;
  readonly error: string | null;
  readonly outcome: Outcome | null;
}

export interface Options {
  readonly level: "lite" | "full";
  readonly tags: readonly string[];
  /** Null: each file on its own. */
  readonly sequence: string | null;
}

export interface Making {
  readonly phase: "choosing" | "uploading" | "forging" | "learning" | "done" | "stopped" | "failed";
  readonly files: readonly Chosen[];
  readonly job: Job | null;
  readonly progress: Job["progress"] | null;
  readonly result: BatchResult | null;
  readonly error: Error | null;
  readonly add: (files: readonly File[]) => void;
  readonly leaveOut: (key: string) => void;
  readonly move: (key: string, by: -1 | 1) => void;
  readonly begin: (options: Options, emptyFile: string) => void;
  readonly stop: () => void;
  readonly clear: () => void;
}

/** `onKnown` is called when the records can be found. */
export function useMaking(onKnown: () => void): Making {
  const [files, setFiles] = useState<readonly Chosen[]>([]);
  const [phase, setPhase] = useState<Making["phase"]>("choosing");
  const [job, setJob] = useState<Job | null>(null);
  const [progress, setProgress] = useState<Job["progress"] | null>(null);
  const [result, setResult] = useState<BatchResult | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const running = useRef<{ giveUp: AbortController; job: string | null } | null>(null);
  useEffect(() => () => running.current?.giveUp.abort(), []);

  const change = (key: string, changes: Partial<Chosen>) =>
    setFiles((list) => list.map((item) => (item.key === key ? { ...item, ...changes } : item)));

  /** Upload a file; return its artifact, null where it could not be. */
  const send = async (item: Chosen, emptyFile: string, signal: AbortSignal): Promise<string | null> => {
    if (item.file.size === 0) {
      change(item.key, { phase: "failed", error: emptyFile });
      return null;
    }
    change(item.key, { phase: "uploading", sent: 0, error: null });
    try {
      const mediaType = item.file.type || "application/octet-stream";
      const { artifact_id: artifact } = await upload(item.file, { mediaType, signal, onProgress: (sent) => change(item.key, { sent }) });
      change(item.key, { phase: "uploaded", artifact });
      return artifact;
    } catch (reason) {
      if (signal.aborted || isAbort(reason)) throw reason;
      change(item.key, { phase: "failed", error: (reason as Error).message });
      return null;
    }
  };

  const run = async ({ level, tags, sequence }: Options, emptyFile: string) => {
    const giveUp = new AbortController();
    const mine = { giveUp, job: null as string | null };
    running.current = mine;
    const { signal } = giveUp;
    setError(null);
    setPhase("uploading");
    try {
      const artifacts = await pooled(files, AT_ONCE, (item) => send(item, emptyFile, signal));
      const sent = files.flatMap((item, at) => (artifacts[at] ? [{ item, artifact: artifacts[at] }] : []));
      if (sent.length === 0) {
        setPhase("done");
        return;
      }
      const body = {
        files: sent.map(({ item, artifact }) => ({ artifact, name: nameOf(item.file.name) })),
        level,
        tags,
        ...(sequence === null ? {} : { sequence: true, title: sequence }),
      };
      const submitted = await submit("/rems", body, signal);
      mine.job = submitted.id;
      setJob(submitted);
      setPhase("forging");
      const end = await watched(submitted.id, signal, setProgress);
      setJob(end);
      if (end.state !== "succeeded") {
        setPhase(end.state === "cancelled" ? "stopped" : "failed");
        setError(end.state === "cancelled" ? null : new Error(end.error?.message ?? end.state));
        return;
      }
      const told = await outcomes(end, signal);
      setResult(told);
      for (const [at, { item }] of sent.entries()) change(item.key, { outcome: told.files[at] ?? null });
      if (told.ingestion !== null) {
        setPhase("learning");
        await ended(told.ingestion, signal);
      }
      setPhase("done");
      onKnown();
    } catch (reason) {
      if (signal.aborted || isAbort(reason)) return;
      setError(reason as Error);
      setPhase("failed");
    } finally {
      if (running.current === mine) running.current = null;
    }
  };

  return {
    phase,
    files,
    job,
    progress,
    result,
    error,
    add: (chosen) =>
      setFiles((list) => [
        ...list,
        ...chosen.map((file): Chosen => ({ key: onceKey(), file, sent: 0, phase: "chosen", artifact: null, error: null, outcome: null })),
      ]),
    leaveOut: (key) => setFiles((list) => list.filter((item) => item.key !== key)),
    move: (key, by) => setFiles((list) => moved(list, key, by)),
    begin: (options, emptyFile) => void run(options, emptyFile),
    stop: () => {
      const mine = running.current;
      running.current = null;
      mine?.giveUp.abort();
      if (mine?.job && may("cancel_job")) stopJob(mine.job).catch(() => undefined);
      setPhase("stopped");
    },
    clear: () => {
      setFiles([]);
      setJob(null);
      setProgress(null);
      setResult(null);
      setError(null);
      setPhase("choosing");
    },
  };
}

/** Do something for each of `items`, `most` at a time; the results are in their order. */
async function pooled<I, R>(items: readonly I[], most: number, work: (item: I) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const one = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: most }, one));
  return results;
}

function moved(list: readonly Chosen[], key: string, by: -1 | 1): readonly Chosen[] {
  const from = list.findIndex((item) => item.key === key);
  const item = list[from];
  if (item === undefined || from + by < 0 || from + by >= list.length) return list;
  const rest = list.toSpliced(from, 1);
  return rest.toSpliced(from + by, 0, item);
}

/** Return a file's name as a record may carry it. */
export function nameOf(name: string): string {
  const plain = name.replace(/[\x00-\x1f\x7f/\\]/g, "-");
  return [...plain].slice(-255).join("") || "file";
}
