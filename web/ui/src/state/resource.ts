/** Things that views load: with their errors, without races, and given up when the view goes. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { isAbort } from "../api/problem";

export interface Resource<T> {
  /** The newest value; kept while it is loaded again. */
  readonly value: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Put a value in its place, as an answer to a write gives it. */
  readonly put: (value: T) => void;
}

/** Load when the view appears and when `inputs` change; another subject's value is never shown in between. */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Resource<T> {
  const [shown, show] = useState<{ value?: T; error?: Error; key: string }>({ key: "" });
  const [round, setRound] = useState(0);
  const [loading, setLoading] = useState(true);
  const key = JSON.stringify(inputs);
  const newest = useRef(load);
  newest.current = load;
  useEffect(() => {
    const giveUp = new AbortController();
    setLoading(true);
    newest.current(giveUp.signal).then(
      (value) => {
        if (giveUp.signal.aborted) return;
        show({ value, key });
        setLoading(false);
      },
      (error: unknown) => {
        if (giveUp.signal.aborted || isAbort(error)) return;
        show((before) => ({ ...(before.key === key ? before : {}), error: error as Error, key }));
        setLoading(false);
      },
    );
    return () => giveUp.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((number) => number + 1), []);
  const put = useCallback((value: T) => show({ value, key }), [key]);
  const current = shown.key === key ? shown : undefined;
  return { value: current?.value, error: current?.error, loading: loading || current === undefined, reload, put };
}

/** Call `then` every `everyMs` while the page is looked at; null: never. */
export function useEvery(everyMs: number | null, then: () => void): void {
  const newest = useRef(then);
  newest.current = then;
  useEffect(() => {
    if (everyMs === null) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && newest.current(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
