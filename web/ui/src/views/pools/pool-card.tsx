import { useState } from "preact/hooks";

import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { duration, number } from "../../i18n/format";
import { kindName } from "../../i18n/kinds";
import { Link } from "../../router";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { type Pool, scalePool } from "./calls";
import { Sparkline } from "./sparkline";
import { words } from "./words";

interface PoolCardProps {
  readonly pool: Pool;
  /** Depths since the page was opened. */
  readonly history: readonly number[];
  readonly onScaled: () => void;
}

export function PoolCard({ pool, history, onScaled }: PoolCardProps) {
  const said = words();
  const purpose = (said as Record<string, unknown>)[pool.name];
  const oldest = pool.oldest_waiting;
  const dead = pool.workers.length === 0;
  return (
    <section class="card pool" aria-labelledby={`pool-${pool.name}`}>
      <header class="pool-head">
        <div class="grow">
          <h2 id={`pool-${pool.name}`}>{pool.name}</h2>
          <p class="dim small">{typeof purpose === "string" && purpose}</p>
        </div>
        {may("scale_pool") && <Scale pool={pool} onScaled={onScaled} />}
      </header>
      <div class="pool-figures">
        <dl>
          <div>
            <dt>{said.workers}</dt>
            <dd class={dead ? "pool-dead" : ""}>{number(pool.workers.length)}</dd>
          </div>
          <div>
            <dt>{said.processes}</dt>
            <dd>{number(pool.concurrency)}</dd>
          </div>
          <div>
            <dt>{said.waiting}</dt>
            <dd>{number(pool.queue_depth)}</dd>
          </div>
        </dl>
        <Sparkline values={history} label={said.depthChart(pool.name)} />
      </div>
      <p class="pool-oldest small">
        {oldest === null ? (
          <span class="dim">{said.nothingWaits}</span>
        ) : (
          <>
            <span class="dim">{said.oldest}</span> {duration(oldest.waited_s)}{" "}
            {oldest.job_id === null ? kindName(oldest.kind) : <Link to={`/jobs/${encodeURIComponent(oldest.job_id)}`}>{kindName(oldest.kind)}</Link>}
          </>
        )}
      </p>
      {dead ? (
        <p class="pool-none small">{said.noWorkers}</p>
      ) : (
        <ul class="pool-workers">
          {pool.workers.map((worker) => (
            <li key={worker.name}>
              <span class="dot" />
              <span class="mono clip" title={worker.name}>
                {worker.name}
              </span>
              {worker.concurrency !== null && (
                <span class="dim small" title={said.processes}>
                  ×{number(worker.concurrency)}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {pool.abilities.map((ability) => (
        <p key={ability.name} class="pool-oldest small" title={ability.absent.join("; ")}>
          <span class="dim">{ability.name}</span> {said.having(number(ability.workers), number(pool.workers.length))}{" "}
          <span class="dim">{[...ability.versions, ...ability.absent].join("; ")}</span>
        </p>
      ))}
    </section>
  );
}

function Scale({ pool, onScaled }: { pool: Pool; onScaled: () => void }) {
  const said = words();
  const [asking, ask] = useState<1 | -1 | null>(null);
  const scale = async (delta: number) => {
    const { concurrency } = await scalePool(pool.name, delta);
    toast(said.scaled(pool.name, number(concurrency)), "good");
    onScaled();
  };
  // Every worker keeps one process.
  const least = pool.concurrency <= pool.workers.length;
  return (
    <div class="segments">
      <Button icon="minus" bare small disabled={least} onClick={() => ask(-1)}>
        {said.shrink(pool.name)}
      </Button>
      <Button icon="plus" bare small disabled={pool.workers.length === 0} onClick={() => ask(1)}>
        {said.grow(pool.name)}
      </Button>
      {asking !== null && (
        <Confirm
          title={asking > 0 ? said.growTitle(pool.name) : said.shrinkTitle(pool.name)}
          action={asking > 0 ? said.growAction : said.shrinkAction}
          onConfirm={() => scale(asking)}
          onClose={() => ask(null)}
        >
          <p>{asking > 0 ? said.growText : said.shrinkText}</p>
        </Confirm>
      )}
    </div>
  );
}
