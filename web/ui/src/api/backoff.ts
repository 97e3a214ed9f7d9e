/** How long to wait before another try. */

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Return the wait after `failures` failures in a row (from 1): doubled each time, bounded, and half of it by chance. */
export function delayMs(failures: number, { firstMs, longestMs }: Backoff, chance: () => number = Math.random): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return full / 2 + (full / 2) * chance();
}

/** Wait; reject with an AbortError as soon as `signal` fires. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = () => {
      clearTimeout(timer);
      reject(new DOMException("The wait was given up.", "AbortError"));
    };
    if (signal?.aborted) return reject(new DOMException("The wait was given up.", "AbortError"));
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stopped);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stopped, { once: true });
  });
}
