/** A job's own event stream: its events as they happen, from the first one on, also over lost connections. */

import { follow } from "./sse";

export interface JobEvent {
  readonly id: string;
  readonly name: string;
  readonly data: Record<string, unknown>;
  /** Milliseconds: the first half of a stream's id. */
  readonly at: number;
}

/** Yield a job's events until it has ended; `onConnection` hears when the stream broke off, and when it goes on. */
export async function* jobEvents(id: string, told: { signal: AbortSignal; onConnection: (up: boolean) => void }): AsyncGenerator<JobEvent> {
  for await (const event of follow(`/jobs/${encodeURIComponent(id)}/events`, told)) {
    yield { id: event.id, name: event.name, data: objectOf(event.data), at: Number(event.id.split("-")[0]) };
  }
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
