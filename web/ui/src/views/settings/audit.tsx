/** The audit trail, page after page. */

import { useEffect, useRef, useState } from "preact/hooks";

import { isAbort } from "../../api/problem";
import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Moment } from "../../design/moment";
import { Skeleton } from "../../design/skeleton";
import { Table } from "../../design/table";
import { actions } from "../../i18n/actions";
import { problems } from "../../i18n/problems";
import { currentQuery, setQuery } from "../../router";
import { me } from "../../state/session";
import { type AuditEntry, type AuditPage, listAudit } from "./calls";
import { words } from "./words";

const OUTCOMES = ["succeeded", "denied", "failed"] as const;

export function Audit() {
  const said = words();
  const outcome = currentQuery.value.get("outcome");
  const trail = useTrail(outcome);
  const { page, error } = trail;
  return (
    <Card
      title={said.audit}
      note={said.auditNote}
      flush
      actions={
        <div class="segments" role="group" aria-label={said.outcome}>
          {[null, ...OUTCOMES, ...(me.value?.home ? (["unknown"] as const) : [])].map((item) => (
            <Button key={item ?? "all"} small aria-pressed={outcome === item} onClick={() => setQuery({ outcome: item })}>
              {item === null ? said.outcomeAll : said.outcomeName(item)}
            </Button>
          ))}
        </div>
      }
    >
      {error && (
        <div class="card-body">
          <ErrorPanel error={error} onRetry={trail.again} />
        </div>
      )}
      {page === undefined && !error && <Skeleton lines={10} />}
      {page?.entries.length === 0 && (
        <Empty icon="clock" title={said.noAudit}>
          <p>{said.noAuditText}</p>
        </Empty>
      )}
      {page && page.entries.length > 0 && <Entries entries={page.entries} />}
      {page && page.cursor !== null && (
        <div class="settings-more">
          <Button busy={trail.busy} onClick={trail.more}>
            {actions().more}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const said = words();
  return (
    <Table
      caption={said.audit}
      rows={entries}
      keyOf={(entry) => entry.id}
      columns={[
        { name: "at", head: said.at, cell: (entry) => <Moment at={entry.at} /> },
        {
          name: "who",
          head: said.who,
          cell: (entry) => (
            <span title={entry.role === null ? "" : said.roleName(entry.role)}>
              {entry.name ?? <span class="dim">{said.anonymous}</span>} <span class="dim">{entry.tenant}</span>
            </span>
          ),
        },
        {
          name: "call",
          head: said.call,
          cell: (entry) => (
            <span class="settings-call" title={entry.operation ?? ""}>
              <span class="mono settings-method">{entry.method}</span> <span class="mono">{entry.path}</span>
            </span>
          ),
        },
        {
          name: "status",
          head: said.status,
          cell: (entry) => (
            <span class="row">
              <Badge tone={entry.status < 400 ? "good" : entry.status < 500 ? "warm" : "bad"}>{entry.status}</Badge>
              {entry.code !== null && <span class="mono small dim">{entry.code}</span>}
            </span>
          ),
        },
        { name: "address", head: said.address, cell: (entry) => <span class="mono">{entry.address ?? "–"}</span> },
        {
          name: "request",
          head: problems().requestId,
          cell: (entry) => (
            <span class="mono small dim clip settings-request" title={entry.request_id}>
              {entry.request_id}
            </span>
          ),
        },
      ]}
    />
  );
}

function useTrail(outcome: string | null) {
  const [page, setPage] = useState<AuditPage | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  const life = useRef(new AbortController());
  const load = async (cursor: string | null, before: readonly AuditEntry[]) => {
    const { signal } = life.current;
    setBusy(true);
    setError(undefined);
    try {
      const found = await listAudit(outcome, cursor, signal);
      if (signal.aborted) return;
      setPage({ entries: [...before, ...found.entries], cursor: found.cursor });
    } catch (reason) {
      if (!isAbort(reason) && !signal.aborted) setError(reason as Error);
    }
    if (!signal.aborted) setBusy(false);
  };
  useEffect(() => {
    life.current = new AbortController();
    setPage(undefined);
    void load(null, []);
    return () => life.current.abort();
  }, [outcome, round]);
  return {
    page,
    error,
    busy,
    more: () => void (page && load(page.cursor, page.entries)),
    again: () => setRound((number) => number + 1),
  };
}
