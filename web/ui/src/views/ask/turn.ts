/** A turn of a conversation: its answer as it is produced, however often the connection breaks. */

import { type Backoff, delayMs, sleep } from "../../api/backoff";
import { answer, reachable } from "../../api/client";
import { Problem, Unreachable, isAbort } from "../../api/problem";
import { type ServerEvent, read } from "../../api/sse";
import type { Job } from "../../api/types";
import { ended } from "../things/calls";
import type { ChatAnswer, Mode } from "./types";

const BACKOFF: Backoff = { firstMs: 500, longestMs: 6000 };
/** Streams that may break before the job itself is waited for. */
const STREAMS = 3;
/** The server ends its streams, the job goes on. */
const GOES_ON = "not-in-time";

export interface Question {
  readonly message: string;
  readonly session: string | null;
  readonly mode: Mode;
}

export type Step =
  | { readonly kind: "job"; readonly job: string }
  /** What was said so far is said anew. */
  | { readonly kind: "anew" }
  | { readonly kind: "token"; readonly text: string }
  | { readonly kind: "lost" }
  | { readonly kind: "done"; readonly answer: ChatAnswer };

/** The job of a turn failed, or was cancelled. */
export class TurnFailed extends Error {
  override readonly name = "TurnFailed";
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * Ask, and yield what comes. The same `key` names the same turn: asked again, the server streams it from its beginning.
 * Rejects with Problem, Unreachable, TurnFailed or an AbortError.
 */
export async function* take(question: Question, key: string, signal: AbortSignal): AsyncGenerator<Step> {
  let job: string | null = null;
  for (let failures = 0; failures < STREAMS; ) {
    try {
      const response = await answer("/chat", {
        method: "POST",
        body: { message: question.message, mode: question.mode, ...(question.session ? { session: question.session } : {}) },
        headers: { Accept: "text/event-stream", "Idempotency-Key": key },
        signal,
      });
      if (response.body === null || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
        job = ((await response.json()) as Job).id;
        yield { kind: "job", job };
        break;
      }
      for await (const event of read(response.body)) {
        const step = understood(event);
        if (step === null) continue;
        if (step.kind === "job") {
          job = step.job;
          yield { kind: "anew" };
        }
        yield step;
        if (step.kind === "done") return;
      }
    } catch (error) {
      if (signal.aborted || isAbort(error)) throw error;
      if (error instanceof TurnFailed && error.code === GOES_ON && job !== null) break;
      if (error instanceof TurnFailed || (error instanceof Problem && !error.passing)) throw error;
      if (error instanceof Unreachable && job === null) throw error;
      if (!(error instanceof Problem)) reachable.value = false;
    }
    failures += 1;
    yield { kind: "lost" };
    await sleep(delayMs(failures, BACKOFF), signal);
  }
  if (job === null) throw new Unreachable("The server does not answer.");
  yield { kind: "done", answer: resultOf(await ended(job, signal)) };
}

/** Return the answer of a turn's job that has ended; throw TurnFailed for one that has none. */
export function resultOf(job: Job): ChatAnswer {
  if (job.state === "succeeded" && job.result !== null) return job.result as unknown as ChatAnswer;
  throw new TurnFailed(job.error?.code ?? job.state, job.error?.message ?? job.state);
}

function understood(event: ServerEvent): Step | null {
  const data = JSON.parse(event.data) as Record<string, unknown>;
  if (event.name === "start") return { kind: "job", job: String(data.job) };
  if (event.name === "token") return { kind: "token", text: String(data.text) };
  if (event.name === "done") return { kind: "done", answer: data as unknown as ChatAnswer };
  if (event.name === "error") throw new TurnFailed(String(data.code), String(data.detail));
  return null;
}
