import { useEffect, useRef } from "preact/hooks";

import { Button } from "../../design/button";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Icon } from "../../design/icon";
import { Skeleton } from "../../design/skeleton";
import { Problem } from "../../api/problem";
import { number } from "../../i18n/format";
import { may } from "../../state/session";
import { AnswerText } from "./answer";
import { Composer } from "./composer";
import { type Conversation, type Exchange } from "./conversation";
import { Examples } from "./examples";
import { TurnFailed } from "./turn";
import { words } from "./words";

/** The end is in sight: what is added there is followed. */
const NEAR_PX = 160;

interface TalkProps {
  readonly talk: Conversation;
  readonly open: string | null;
  readonly onOpen: (id: string) => void;
  readonly onNew: () => void;
  readonly onDocuments: () => void;
}

export function Talk({ talk, open, onOpen, onNew, onDocuments }: TalkProps) {
  const said = words();
  const end = useRef<HTMLDivElement>(null);
  const last = talk.exchanges.at(-1);
  const growth = `${talk.exchanges.length} ${last?.text.length} ${last?.phase}`;
  const count = useRef(0);
  useEffect(() => {
    const scroller = end.current?.closest(".main");
    if (!scroller) return;
    const asked = talk.exchanges.length > count.current;
    count.current = talk.exchanges.length;
    const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    if (asked || (near && last?.phase === "asking")) scroller.scrollTo({ top: scroller.scrollHeight });
  }, [growth]);
  const none = talk.exchanges.length === 0 && talk.phase === "ready";
  return (
    <div class="talk">
      <div class="talk-turns">
        {talk.phase === "loading" && <Skeleton lines={9} />}
        {talk.phase === "failed" && <Lost error={talk.error} onRetry={talk.reload} onNew={onNew} />}
        {none && <Examples onAsk={(question) => talk.ask(question, "mix")} onDocuments={onDocuments} />}
        {talk.earlier > 0 && (
          <p class="talk-earlier">
            <Button small onClick={talk.showEarlier}>
              {said.earlier(number(talk.earlier))}
            </Button>
          </p>
        )}
        {talk.phase === "ready" && talk.error && <ErrorPanel error={talk.error} />}
        <div role="log" aria-label={said.conversation}>
        <ol class="turns">
          {talk.exchanges.map((exchange) => (
            <li key={exchange.key} class="turn">
              <p class="question" dir="auto">
                <span class="sr">{said.you}: </span>
                {exchange.message}
              </p>
              <article class="card answer" aria-label={said.answer} aria-busy={exchange.phase === "asking"}>
                <Said exchange={exchange} talk={talk} open={open} onOpen={onOpen} />
              </article>
            </li>
          ))}
        </ol>
        </div>
        <div ref={end} />
      </div>
      <div class="talk-foot">
        {may("take_turn") ? (
          <Composer asking={talk.asking} disabled={talk.phase !== "ready"} onAsk={talk.ask} onStop={talk.stop} />
        ) : (
          <p class="dim">{said.mayNotAsk}</p>
        )}
      </div>
    </div>
  );
}

function Said({ exchange, talk, open, onOpen }: { exchange: Exchange; talk: Conversation; open: string | null; onOpen: (id: string) => void }) {
  const said = words();
  const again = talk.asking ? null : () => talk.retry(exchange);
  if (exchange.phase === "answered" && exchange.turn) {
    return <AnswerText turn={exchange.turn} open={open} onOpen={onOpen} onRetry={again} />;
  }
  return (
    <>
      {exchange.text !== "" && (
        <p class="streaming" dir="auto">
          {exchange.text}
        </p>
      )}
      {exchange.phase === "asking" && (
        <p class="row dim" role="status">
          <Icon name="turning" class="spin" />
          {exchange.lost ? said.lost : exchange.text === "" ? said.thinking : ""}
        </p>
      )}
      {exchange.phase === "failed" && exchange.error && (
        <ErrorPanel
          error={exchange.error}
          {...(exchange.error instanceof TurnFailed ? { title: said.failed } : {})}
          {...(again ? { onRetry: again } : {})}
        />
      )}
      {exchange.phase === "stopped" && (
        <p class="row">
          <span class="grow dim">{said.stopped}</span>
          {again && (
            <Button icon="retry" small onClick={again}>
              {said.again}
            </Button>
          )}
        </p>
      )}
    </>
  );
}

function Lost({ error, onRetry, onNew }: { error: Error | null; onRetry: () => void; onNew: () => void }) {
  const said = words();
  if (error instanceof Problem && error.status === 404) {
    return (
      <Empty icon="ask" title={said.noConversation}>
        <p>{said.noConversationText}</p>
        <Button onClick={onNew}>{said.newOne}</Button>
      </Empty>
    );
  }
  return error && <ErrorPanel error={error} onRetry={onRetry} />;
}
