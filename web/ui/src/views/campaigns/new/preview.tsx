/** What the campaign will take, measured by one worker that runs a little of it. */

import { useEffect, useState } from "preact/hooks";

import { Problem, isAbort } from "../../../api/problem";
import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { Icon } from "../../../design/icon";
import { bytes, duration, number } from "../../../i18n/format";
import { estimated } from "../calls";
import type { Estimate } from "../types";
import { words } from "../words";
import { type Form, bodyOf, isComplete } from "./form";

const QUIET_MS = 900;

interface PreviewProps {
  readonly form: Form;
  readonly busy: boolean;
  readonly onSubmit: () => void;
  readonly onRefused: (error: Error | null) => void;
}

export function Preview({ form, busy, onSubmit, onRefused }: PreviewProps) {
  const said = words();
  const [found, setFound] = useState<{ estimate: Estimate; of: string } | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  // The name and how the campaign is queued take nothing.
  const asked = isComplete(form) ? JSON.stringify({ ...bodyOf(form), name: "" }) : null;
  useEffect(() => {
    if (asked === null) return undefined;
    const giveUp = new AbortController();
    const timer = setTimeout(() => {
      setAsking(true);
      estimated(JSON.parse(asked), giveUp.signal).then(
        (estimate) => {
          setFound({ estimate, of: asked });
          setError(null);
          setAsking(false);
          onRefused(null);
        },
        (reason: unknown) => {
          if (giveUp.signal.aborted || isAbort(reason)) return;
          setAsking(false);
          setError(reason as Error);
          onRefused(reason as Error);
        },
      );
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      giveUp.abort();
      setAsking(false);
    };
  }, [asked]);
  const estimate = found?.estimate;
  const old = found !== null && found.of !== asked;
  const refused = error instanceof Problem && error.status === 422;
  return (
    <Card title={said.cost} note={said.costNote}>
      <dl class={`preview ${old || asking ? "old" : ""}`} aria-busy={asking}>
        <Line name={said.timeNeeded} value={estimate && duration(estimate.seconds)} strong />
        <Line name={said.speedHere} value={estimate && `${number(estimate.traces_per_s)}/s`} />
        <Line name={said.workersAlive} value={estimate && (estimate.workers === null ? said.unknown : number(estimate.workers))} />
        <Line name={said.perTrace} value={estimate && said.instructionsCycles(number(estimate.instructions), number(estimate.cycles))} />
        <Line name={said.samples} value={estimate && number(estimate.samples)} />
        <Line name={said.onDisk} value={estimate && (estimate.stored_bytes === 0 ? said.nothing : bytes(estimate.stored_bytes))} />
        <Line name={said.inMemory} value={estimate && bytes(estimate.sums_bytes)} />
        {(estimate?.output ?? "") !== "" && <Line name={said.referenceOutput} value={<span class="mono">{cut(estimate?.output ?? "")}</span>} />}
      </dl>
      <div class="preview-notes" aria-live="polite">
        {asked === null && <p class="small dim">{said.costLater}</p>}
        {asking && (
          <p class="small dim row">
            <Icon name="turning" class="spin" /> {said.measuring}
          </p>
        )}
        {error && !asking && (
          <p class={`campaign-note ${refused ? "bad" : "warm"}`}>
            <Icon name="alert" />
            <span>{refused ? error.message : said.noEstimate}</span>
          </p>
        )}
        {!error && estimate && estimate.stop !== "done" && <Note text={said.endsWith(estimate.stop)} />}
        {!error && estimate && estimate.diverged > 0 && <Note text={said.takesPaths(number(estimate.diverged), number(estimate.tried))} />}
        {!error && estimate && estimate.faulted > 0 && estimate.stop === "done" && <Note text={said.someFault(number(estimate.faulted), number(estimate.tried))} />}
      </div>
      <Button tone="primary" class="wide" busy={busy} disabled={form.firmware === ""} onClick={onSubmit}>
        {said.start}
      </Button>
    </Card>
  );
}

function Line({ name, value, strong = false }: { name: string; value: preact.ComponentChildren; strong?: boolean }) {
  return (
    <div class={strong ? "strong" : ""}>
      <dt>{name}</dt>
      <dd>{value ?? "–"}</dd>
    </div>
  );
}

function Note({ text }: { text: string }) {
  return (
    <p class="campaign-note warm">
      <Icon name="alert" />
      <span>{text}</span>
    </p>
  );
}

function cut(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}
