/** Files that are brought: uploaded, then read by a job. */

import { useRef, useState } from "preact/hooks";

import { isAbort } from "../../api/problem";
import { upload } from "../../api/upload";
import type { Job } from "../../api/types";
import { ended, onceKey, stop, submit } from "../things/calls";

const AT_ONCE = 2;
const TYPES: Readonly<Record<string, string>> = {
  txt: "text/plain",
  text: "text/plain",
  md: "text/markdown",
  markdown: "text/markdown",
  html: "text/html",
  htm: "text/html",
  pdf: "application/pdf",
  csv: "text/csv",
  parquet: "application/vnd.apache.parquet",
};
export const ACCEPT = Object.keys(TYPES)
  .map((ending) => `.${ending}`)
  .join();

export interface Brought {
  readonly key: string;
  readonly file: File;
  readonly phase: "waiting" | "uploading" | "reading" | "done" | "failed" | "stopped";
  readonly sent: number;
  readonly job: Job | null;
  readonly error: Error | null;
}

/** The farm read a file and refused it. */
export class Refused extends Error {
  override readonly name = "Refused";
}

export interface Bringing {
  readonly files: readonly Brought[];
  readonly bring: (files: readonly File[]) => void;
  readonly stop: (key: string) => void;
  readonly clear: () => void;
}

/** Return what brings files, a few at a time; `onDone` is called after each that became part of the knowledge. */
export function useBringing(onDone: () => void): Bringing {
  const [files, setFiles] = useState<readonly Brought[]>([]);
  const waiting = useRef<Brought[]>([]);
  const running = useRef(new Map<string, { giveUp: AbortController; job: string | null }>());

  const change = (key: string, changes: Partial<Brought>) =>
    setFiles((list) => list.map((item) => (item.key === key ? { ...item, ...changes } : item)));

  const next = () => {
    while (running.current.size < AT_ONCE) {
      const item = waiting.current.shift();
      if (item === undefined) return;
      void run(item);
    }
  };

  const run = async (item: Brought) => {
    const giveUp = new AbortController();
    const mine = { giveUp, job: null as string | null };
    running.current.set(item.key, mine);
    const { signal } = giveUp;
    try {
      change(item.key, { phase: "uploading" });
      const mediaType = mediaTypeOf(item.file);
      const artifact = await upload(item.file, { mediaType, signal, onProgress: (sent) => change(item.key, { sent }) });
      const body = { artifact: artifact.artifact_id, name: nameOf(item.file.name), title: titleOf(item.file.name) };
      const job = await submit("/documents", body, signal);
      mine.job = job.id;
      change(item.key, { phase: "reading", job });
      const end = await ended(job.id, signal, (seen) => change(item.key, { job: seen }));
      if (end.state !== "succeeded") throw new Refused(end.error?.message ?? end.state);
      change(item.key, { phase: "done", job: end });
      onDone();
    } catch (error) {
      if (signal.aborted || isAbort(error)) change(item.key, { phase: "stopped" });
      else change(item.key, { phase: "failed", error: error as Error });
    } finally {
      running.current.delete(item.key);
      next();
    }
  };

  return {
    files,
    bring: (chosen) => {
      const fresh = chosen.map((file): Brought => ({ key: onceKey(), file, phase: "waiting", sent: 0, job: null, error: null }));
      waiting.current.push(...fresh);
      setFiles((list) => [...list, ...fresh]);
      next();
    },
    stop: (key) => {
      waiting.current = waiting.current.filter((item) => item.key !== key);
      const mine = running.current.get(key);
      mine?.giveUp.abort();
      if (mine?.job) stop(mine.job).catch(() => undefined);
      change(key, { phase: "stopped" });
    },
    clear: () => setFiles((list) => list.filter((item) => item.phase === "waiting" || running.current.has(item.key))),
  };
}

/** Return the name under which a file is kept: what a batch may be called. */
export function nameOf(file: string): string {
  const plain = file.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9._-]+/g, "-");
  return plain.replace(/^[^A-Za-z0-9]+/, "").replace(/-+(?=\.|$)/g, "").slice(0, 100) || "file";
}

export function titleOf(file: string): string {
  return file.replace(/[\x00-\x1f\x7f]/g, " ").slice(0, 200);
}

function mediaTypeOf(file: File): string {
  const ending = file.name.slice(file.name.lastIndexOf(".") + 1).toLowerCase();
  return TYPES[ending] ?? (file.type || "application/octet-stream");
}
