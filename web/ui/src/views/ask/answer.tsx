import { useMemo } from "preact/hooks";

import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { CopyButton } from "../../design/copy";
import { Icon } from "../../design/icon";
import { duration, number, percent } from "../../i18n/format";
import { Chips } from "./chips";
import { lineOf } from "./lines";
import type { Answer, Claim, Turn } from "./types";
import { words } from "./words";

interface AnswerProps {
  readonly turn: Turn;
  readonly open: string | null;
  readonly onOpen: (id: string) => void;
  /** Null: another question is being answered. */
  readonly onRetry: (() => void) | null;
}

/** An answer as it is kept: its sentences with their evidence, and how far to trust it. */
export function AnswerText({ turn, open, onOpen, onRetry }: AnswerProps) {
  const said = words();
  const { answer } = turn;
  const cited = useMemo(() => new Map(answer.cited.map((item) => [item.id, item])), [answer]);
  return (
    <>
      {answer.abstained && (
        <p>
          <Badge tone="warm" icon="search">
            {said.abstained}
          </Badge>
        </p>
      )}
      <div class="claims" lang={answer.language} dir="auto">
        {answer.claims.map((claim, at) => (
          <div class="claim" key={at}>
            <Sentence claim={claim} />
            <Chips ids={claim.evidence} cited={cited} open={open} onOpen={onOpen} />
          </div>
        ))}
        {answer.claims.length === 0 && <p>{answer.answer}</p>}
      </div>
      <Notes answer={answer} />
      <footer class="answer-foot">
        <Confidence share={answer.confidence} />
        <span class="dim small answer-facts">
          {[
            said.took(span(answer.processing_time_s)),
            answer.cached && said.cached,
            said.version(number(answer.data_version)),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        <span class="row answer-actions">
          <CopyButton text={answer.answer} label={said.copyAnswer} />
          {onRetry && (
            <Button tone="quiet" icon="retry" small onClick={onRetry}>
              {said.again}
            </Button>
          )}
        </span>
      </footer>
      <How turn={turn} />
    </>
  );
}

function Sentence({ claim }: { claim: Claim }) {
  const said = words();
  const { lead, items } = lineOf(claim.text);
  return (
    <>
      <p>{lead}</p>
      {items.length > 0 && (
        <ul class="claim-items">
          {items.map((item, at) => (
            <li key={at}>{item}</li>
          ))}
        </ul>
      )}
      {(claim.conflicting || claim.marked) && (
        <p class="row">
          {claim.conflicting && (
            <Badge tone="warm" icon="alert">
              {said.conflicting}
            </Badge>
          )}
          {claim.marked && (
            <>
              <Badge tone="warm" icon="alert">
                {said.doubted}
              </Badge>
              <span class="small dim">{claim.marked}</span>
            </>
          )}
        </p>
      )}
    </>
  );
}

/** What stands between the answer and the whole truth. */
function Notes({ answer }: { answer: Answer }) {
  const said = words();
  return (
    <ul class="notes small">
      {answer.degraded.length > 0 && (
        <li class="warm">
          <Icon name="alert" />
          <div>
            {said.degraded}
            <ul>
              {answer.degraded.map((part) => (
                <li key={part}>{part}</li>
              ))}
            </ul>
          </div>
        </li>
      )}
      {answer.truncated && (
        <li class="warm">
          <Icon name="alert" />
          {said.truncated}
        </li>
      )}
      <li class="dim">{answer.model === null ? said.noModel : said.byModel(answer.model)}</li>
    </ul>
  );
}

function Confidence({ share }: { share: number }) {
  const said = words();
  const tone = share >= 0.75 ? "good" : share >= 0.4 ? "warm" : "bad";
  return (
    <span class={`confidence ${tone}`}>
      <span class="dim">{said.confidence}</span>
      <span class="confidence-track" aria-hidden="true">
        <span class="confidence-bar" style={{ transform: `scaleX(${Math.min(1, Math.max(0, share))})` }} />
      </span>
      <span>
        {percent(share)} {said.confidenceIs(share)}
      </span>
    </span>
  );
}

function How({ turn }: { turn: Turn }) {
  const said = words();
  const { looked_for: looked, unknown } = turn.answer;
  return (
    <details class="how small">
      <summary>{said.how}</summary>
      <dl class="properties">
        {turn.understood !== turn.message && (
          <div>
            <dt>{said.understood}</dt>
            <dd>{turn.understood}</dd>
          </div>
        )}
        <div>
          <dt>{said.mode}</dt>
          <dd>{said.modes(turn.answer.mode)}</dd>
        </div>
        {looked.length > 0 && (
          <div>
            <dt>{said.lookedFor}</dt>
            <dd>
              <ul>
                {looked.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        {unknown.length > 0 && (
          <div>
            <dt>{said.unknown}</dt>
            <dd>{unknown.join(", ")}</dd>
          </div>
        )}
      </dl>
    </details>
  );
}

function span(seconds: number): string {
  return seconds < 1 ? `${number(1000 * seconds, seconds < 0.01 ? 1 : 0)} ms` : duration(seconds);
}
