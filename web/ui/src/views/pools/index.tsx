/** The pools of workers, and what waits for them. */

import { useEffect, useRef, useState } from "preact/hooks";

import { STATES } from "../../api/types";
import { Card } from "../../design/card";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Icon } from "../../design/icon";
import { PageHead } from "../../design/page-head";
import { Skeleton } from "../../design/skeleton";
import { Table } from "../../design/table";
import { actions } from "../../i18n/actions";
import { places } from "../../i18n/places";
import { states } from "../../i18n/states";
import { number } from "../../i18n/format";
import { kindName, knownKinds } from "../../i18n/kinds";
import { Link } from "../../router";
import { useEvery, useResource } from "../../state/resource";
import { may } from "../../state/session";
import { type Status, listPools, showStatus } from "./calls";
import { PoolCard } from "./pool-card";
import "./pools.css";
import { words } from "./words";

const LOOK_MS = 3000;
const KEPT = 100;
const POOLS = 4;

export default function PoolsView() {
  const said = words();
  const pools = useResource(listPools, []);
  const status = useResource(showStatus, []);
  const history = useHistory(pools.value);
  useEvery(LOOK_MS, () => {
    pools.reload();
    if (may("show_status")) status.reload();
  });
  const flower = linkOf(status.value?.flower_url ?? null);
  return (
    <div class="pools stack">
      <PageHead
        title={places().pools}
        lead={said.lead}
        actions={
          flower !== null && (
            <a class="button" href={flower} target="_blank" rel="noopener noreferrer">
              <Icon name="out" />
              {said.flower}
            </a>
          )
        }
      />
      {pools.error && pools.value === undefined && <ErrorPanel error={pools.error} onRetry={pools.reload} />}
      <div class="pools-grid">
        {pools.value === undefined && !pools.error && Array.from({ length: POOLS }, (_, at) => <Placeholder key={at} />)}
        {pools.value?.map((pool) => (
          <PoolCard key={pool.name} pool={pool} history={history.get(pool.name) ?? []} onScaled={pools.reload} />
        ))}
      </div>
      {status.value && <Counts status={status.value} />}
    </div>
  );
}

/** Depths by pool, as they were each time that the farm was asked. */
function useHistory(pools: readonly { name: string; queue_depth: number }[] | undefined): ReadonlyMap<string, readonly number[]> {
  const kept = useRef(new Map<string, readonly number[]>());
  const [, shown] = useState(0);
  useEffect(() => {
    for (const pool of pools ?? []) kept.current.set(pool.name, [...(kept.current.get(pool.name) ?? []), pool.queue_depth].slice(-KEPT));
    shown((round) => round + 1);
  }, [pools]);
  return kept.current;
}

/** A setting may say anything; only an address of the web becomes a link. */
function linkOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
}

function Placeholder() {
  return (
    <div class="card pool" aria-busy="true">
      <span class="sr">{actions().loading}</span>
      <Skeleton lines={5} />
    </div>
  );
}

function Counts({ status }: { status: Status }) {
  const said = words();
  const kinds = Object.keys(status.jobs)
    .filter((kind) => knownKinds().includes(kind))
    .sort();
  return (
    <Card title={said.jobs} note={said.jobsNote} flush>
      {kinds.length === 0 ? (
        <Empty icon="jobs" title={said.noJobs} />
      ) : (
        <Table
          caption={said.jobs}
          rows={kinds}
          keyOf={(kind) => kind}
          columns={[
            { name: "kind", head: said.kind, cell: (kind) => <Link to={`/jobs?kind=${encodeURIComponent(kind)}`}>{kindName(kind)}</Link> },
            ...STATES.map((state) => ({
              name: state,
              head: states()[state],
              numeric: true,
              cell: (kind: string) => {
                const count = status.jobs[kind]?.[state] ?? 0;
                if (count === 0) return <span class="dim">0</span>;
                return <Link to={`/jobs?kind=${encodeURIComponent(kind)}&state=${state}`}>{number(count)}</Link>;
              },
            })),
          ]}
        />
      )}
    </Card>
  );
}
