/** Server-sent events over fetch, which, unlike EventSource, can send the key; resumed after a lost connection. */

import { type Backoff, delayMs, sleep } from "./backoff";
import { type Call, answer, reachable } from "./client";
import { Problem, Unreachable, isAbort } from "./problem";

export interface ServerEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

const LONGEST_LINE = 8 * 2 ** 20;
const BACKOFF: Backoff = { firstMs: 1000, longestMs: 15_000 };

/** Reads an event stream piece by piece, as the standard says: any line ends, comments, several lines of data. */
export class SseParser {
  /** Of the last event that had one: what `Last-Event-ID` should say. */
  lastId = "";
  /** What the server asked clients to wait before they reconnect. */
  retryMs: number | null = null;
  private rest = "";
  private name = "";
  private data: string[] = [];
  private afterReturn = false;

  /** Return the events that `piece` completes. */
  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    // A line may end with \r\n whose halves come in two pieces.
    const text = this.afterReturn && piece.startsWith("\n") ? piece.slice(1) : piece;
    this.afterReturn = piece === "" ? this.afterReturn : piece.endsWith("\r");
    const lines = (this.rest + text).split(/\r\n|\n|\r/);
    this.rest = lines.pop() ?? "";
    if (this.rest.length > LONGEST_LINE) throw new Error("A line of the event stream is too long.");
    for (const line of lines) {
      if (line === "") this.dispatch(events);
      else this.field(line);
    }
    return events;
  }

  private dispatch(events: ServerEvent[]): void {
    if (this.data.length > 0) events.push({ id: this.lastId, name: this.name || "message", data: this.data.join("\n") });
    this.name = "";
    this.data = [];
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "data") this.data.push(value);
    else if (field === "event") this.name = value;
    else if (field === "id" && !value.includes("\0")) this.lastId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}

/** Yield the events of one answer until the server ends it. */
export async function* read(body: ReadableStream<Uint8Array>, parser = new SseParser()): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export interface Following {
  readonly signal: AbortSignal;
  /** Go on after this event. */
  readonly after?: string;
  /** The name of the event after which nothing follows. */
  readonly last?: string;
  /** Told when the connection is lost (false) and when it is back (true). */
  readonly onConnection?: (up: boolean) => void;
}

/** Yield the events of a stream (a GET), reconnecting where it breaks off, until `last`, a 204, or `signal`. */
export async function* follow(where: string, { signal, after = "", last = "done", onConnection }: Following): AsyncGenerator<ServerEvent> {
  const parser = { lastId: after };
  for (let failures = 0; ; ) {
    const reading = new SseParser();
    reading.lastId = parser.lastId;
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (parser.lastId) headers["Last-Event-ID"] = parser.lastId;
      const call: Call = { headers, signal, tries: 1 };
      const response = await answer(where, call);
      if (response.status === 204 || response.body === null) return;
      onConnection?.(true);
      for await (const event of read(response.body, reading)) {
        failures = 0;
        parser.lastId = event.id;
        yield event;
        if (event.name === last) return;
      }
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      if (error instanceof Problem && !error.passing) throw error;
      // Anything else is a connection that broke: while it was made (Unreachable), or while it was read (TypeError).
      if (!(error instanceof Problem || error instanceof Unreachable || error instanceof TypeError)) throw error;
      if (!(error instanceof Problem)) reachable.value = false;
    }
    failures += 1;
    onConnection?.(false);
    try {
      await sleep(Math.max(reading.retryMs ?? 0, delayMs(failures, BACKOFF)), signal);
    } catch {
      return;
    }
  }
}
