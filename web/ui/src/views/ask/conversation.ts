/** What is said in a conversation, and what is being said. */

import { useEffect, useRef, useState } from "preact/hooks";

import { isAbort } from "../../api/problem";
import { may } from "../../state/session";
import { onceKey, stop as stopJob } from "../things/calls";
import { history, remember } from "./sessions";
import { take } from "./turn";
import type { Mode, Turn } from "./types";

const PAGE = 10;

/** A question that is being answered; its job is not known before the farm has said so. */
interface Running {
  readonly key: string;
  readonly giveUp: AbortController;
  job: string | null;
  stopped: boolean;
}

/** A question and what became of it. */
export interface Exchange {
  readonly key: string;
  readonly message: string;
  readonly mode: Mode;
  readonly phase: "asking" | "answered" | "failed" | "stopped";
  /** What has come of the answer so far. */
  readonly text: string;
  /** Whether the connection is lost, and tried again. */
  readonly lost: boolean;
  readonly turn: Turn | null;
  readonly error: Error | null;
}

export interface Conversation {
  readonly exchanges: readonly Exchange[];
  /** How many earlier turns the farm keeps. */
  readonly earlier: number;
  readonly phase: "loading" | "ready" | "failed";
  readonly error: Error | null;
  readonly asking: boolean;
  readonly ask: (message: string, mode: Mode) => void;
  readonly retry: (exchange: Exchange) => void;
  readonly stop: () => void;
  readonly showEarlier: () => void;
  readonly reload: () => void;
}

/** Follow the conversation `session`, or begin one (null); `onSession` learns its id after the first answer. */
export function useConversation(session: string | null, onSession: (id: string) => void): Conversation {
  const [exchanges, setExchanges] = useState<readonly Exchange[]>([]);
  const [first, setFirst] = useState(0);
  const [phase, setPhase] = useState<Conversation["phase"]>(session === null ? "ready" : "loading");
  const [error, setError] = useState<Error | null>(null);
  const [round, setRound] = useState(0);
  const current = useRef<string | null>(null);
  const running = useRef<Running | null>(null);

  useEffect(() => {
    // The conversation that was just begun here has got its id: all of it is shown already.
    if (session !== null && session === current.current && round === 0) return undefined;
    running.current?.giveUp.abort();
    running.current = null;
    current.current = session;
    setExchanges([]);
    setFirst(0);
    setError(null);
    setPhase(session === null ? "ready" : "loading");
    if (session === null) return undefined;
    const giveUp = new AbortController();
    newest(session, giveUp.signal).then(
      (found) => {
        if (giveUp.signal.aborted) return;
        setExchanges(found.turns.map(answered));
        setFirst(found.offset);
        setPhase("ready");
      },
      (reason: unknown) => {
        if (giveUp.signal.aborted || isAbort(reason)) return;
        setError(reason as Error);
        setPhase("failed");
      },
    );
    return () => giveUp.abort();
  }, [session, round]);

  useEffect(() => () => running.current?.giveUp.abort(), []);

  const change = (key: string, changes: (before: Exchange) => Partial<Exchange>) =>
    setExchanges((list) => list.map((item) => (item.key === key ? { ...item, ...changes(item) } : item)));

  const run = async (key: string, message: string, mode: Mode) => {
    const giveUp = new AbortController();
    const mine: Running = { key, giveUp, job: null, stopped: false };
    running.current = mine;
    try {
      for await (const step of take({ message, mode, session: current.current }, key, giveUp.signal)) {
        if (giveUp.signal.aborted) return;
        if (step.kind === "job") mine.job = step.job;
        if (mine.stopped) {
          if (mine.job === null) continue;
          leave(mine);
          return;
        }
        if (step.kind === "job") continue;
        if (step.kind === "anew") change(key, () => ({ text: "", lost: false }));
        else if (step.kind === "token") change(key, (before) => ({ text: before.text + step.text, lost: false }));
        else if (step.kind === "lost") change(key, () => ({ lost: true }));
        else {
          change(key, () => ({ phase: "answered", turn: step.answer.turn, lost: false }));
          remember(step.answer.session, message);
          if (current.current === null) {
            current.current = step.answer.session;
            onSession(step.answer.session);
          }
        }
      }
    } catch (reason) {
      if (giveUp.signal.aborted || mine.stopped || isAbort(reason)) return;
      change(key, () => ({ phase: "failed", error: reason as Error, lost: false }));
    } finally {
      if (running.current === mine) running.current = null;
    }
  };

  const ask = (message: string, mode: Mode) => {
    if (running.current !== null) return;
    const key = onceKey();
    setExchanges((list) => [...list, { key, message, mode, phase: "asking", text: "", lost: false, turn: null, error: null }]);
    void run(key, message, mode);
  };

  const stop = () => {
    const mine = running.current;
    if (mine === null) return;
    running.current = null;
    mine.stopped = true;
    change(mine.key, () => ({ phase: "stopped", lost: false }));
    // Who may cancel the job listens on until it has a name. A viewer may not: the turn then ends by itself.
    if (mine.job !== null || !may("cancel_job")) leave(mine);
  };

  const retry = (exchange: Exchange) => {
    if (running.current !== null) return;
    setExchanges((list) => list.filter((item) => item.key !== exchange.key || item.phase === "answered"));
    ask(exchange.message, exchange.mode);
  };

  const showEarlier = () => {
    if (session === null) return;
    const offset = Math.max(0, first - PAGE);
    history(session, { offset, limit: first - offset }).then(
      (found) => {
        setExchanges((list) => [...found.turns.map(answered), ...list]);
        setFirst(offset);
      },
      (reason: unknown) => setError(reason as Error),
    );
  };

  return {
    exchanges,
    earlier: first,
    phase,
    error,
    asking: exchanges.some((item) => item.phase === "asking"),
    ask,
    retry,
    stop,
    showEarlier,
    reload: () => setRound((number) => number + 1),
  };
}

/** Listen to a turn no longer, and have its job cancelled. */
function leave({ giveUp, job }: Running): void {
  giveUp.abort();
  if (job !== null && may("cancel_job")) stopJob(job).catch(() => undefined);
}

async function newest(session: string, signal: AbortSignal): Promise<{ turns: readonly Turn[]; offset: number }> {
  const found = await history(session, { offset: 0, limit: PAGE }, signal);
  if (found.total <= PAGE) return found;
  return await history(session, { offset: found.total - PAGE, limit: PAGE }, signal);
}

function answered(turn: Turn): Exchange {
  const key = `turn-${turn.position}`;
  return { key, message: turn.message, mode: turn.answer.mode, phase: "answered", text: "", lost: false, turn, error: null };
}
