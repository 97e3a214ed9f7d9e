/** The corpus: what was brought, bring more, take away. */

import { useState } from "preact/hooks";

import { call, path } from "../../api/client";
import type { Job, JsonObject } from "../../api/types";
import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { Confirm } from "../../design/dialog";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Moment } from "../../design/moment";
import { Progress } from "../../design/progress";
import { Skeleton } from "../../design/skeleton";
import { Table } from "../../design/table";
import { actions } from "../../i18n/actions";
import { states } from "../../i18n/states";
import { bytes, number } from "../../i18n/format";
import { currentQuery, setQuery } from "../../router";
import { useResource } from "../../state/resource";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { batches, ended, onceKey } from "../things/calls";
import { DropZone } from "../things/drop-zone";
import { batchName } from "../things/titles";
import type { Batch } from "../things/types";
import { words as thingWords } from "../things/words";
import { ACCEPT, type Bringing, type Brought, useBringing } from "./ingest";
import { words } from "./words";

const KINDS = ["document", "measurements", "campaign", "rem"] as const;
const PAGE = 100;

interface Shown {
  readonly list: readonly Batch[];
  readonly cursor: string | null;
}

export function Documents({ onOpen }: { onOpen: (id: string) => void }) {
  const said = words();
  const kind = KINDS.find((name) => name === currentQuery.value.get("kind")) ?? "";
  const found = useResource(async (signal): Promise<Shown> => {
    const page = await batches({ kind, limit: PAGE }, signal);
    return { list: page.documents, cursor: page.cursor };
  }, [kind]);
  const bringing = useBringing(found.reload);
  const [removing, setRemoving] = useState<Batch | null>(null);
  const more = async () => {
    if (!found.value?.cursor) return;
    const page = await batches({ kind, cursor: found.value.cursor, limit: PAGE });
    found.put({ list: [...found.value.list, ...page.documents], cursor: page.cursor });
  };
  return (
    <div class="stack">
      <p class="dim">{said.corpusLead}</p>
      {may("submit_document") ? (
        <>
          <DropZone accept={ACCEPT} onFiles={bringing.bring}>
            {said.formats}
          </DropZone>
          <BroughtFiles bringing={bringing} />
        </>
      ) : (
        <p class="dim">{said.mayNotBring}</p>
      )}
      <Card
        title={said.knownThings}
        flush
        actions={
          <select
            class="input corpus-kind"
            aria-label={said.kind}
            value={kind}
            onChange={(event) => setQuery({ kind: event.currentTarget.value })}
          >
            <option value="">{said.all}</option>
            {KINDS.map((name) => (
              <option key={name} value={name}>
                {said.kinds(name)}
              </option>
            ))}
          </select>
        }
      >
        {found.error && <ErrorPanel error={found.error} onRetry={found.reload} />}
        {found.value === undefined && !found.error && <Skeleton lines={8} />}
        {found.value?.list.length === 0 && (
          <Empty icon="document" title={said.noDocuments}>
            <p>{said.noDocumentsText}</p>
          </Empty>
        )}
        {found.value && found.value.list.length > 0 && (
          <Corpus list={found.value.list} onOpen={onOpen} onRemove={setRemoving} />
        )}
        {found.value?.cursor && (
          <p class="corpus-more">
            <Button onClick={more}>{actions().more}</Button>
          </p>
        )}
      </Card>
      {removing && (
        <Confirm
          title={said.removeTitle(nameOf(removing))}
          action={said.remove}
          danger
          onConfirm={async () => {
            await remove(removing);
            toast(said.removed(nameOf(removing)), "good");
            found.reload();
          }}
          onClose={() => setRemoving(null)}
        >
          <p>{said.removeText}</p>
        </Confirm>
      )}
    </div>
  );
}

async function remove(batch: Batch): Promise<void> {
  const headers = { "Idempotency-Key": onceKey() };
  const job = await call<Job>(path(["documents", batch.batch]), { method: "DELETE", headers });
  const end = await ended(job.id, new AbortController().signal);
  if (end.state !== "succeeded") throw new Error(end.error?.message ?? end.state);
}

function Corpus({ list, onOpen, onRemove }: { list: readonly Batch[]; onOpen: (id: string) => void; onRemove: (batch: Batch) => void }) {
  const said = words();
  return (
    <Table
      caption={said.knownThings}
      rows={list}
      keyOf={(batch) => batch.batch}
      columns={[
        {
          name: "title",
          head: said.title,
          cell: (batch) =>
            // A table of measurements is no thing of the graph: the instructions that it measures are.
            batch.kind === "measurements" || batch.state !== "visible" ? (
              <span title={batch.batch} dir="auto">
                {nameOf(batch)}
              </span>
            ) : (
              <button type="button" class="reference corpus-title" onClick={() => onOpen(batch.batch)} title={batch.batch} dir="auto">
                {nameOf(batch)}
              </button>
            ),
        },
        { name: "kind", head: said.kind, cell: (batch) => <Badge>{said.kinds(batch.kind)}</Badge> },
        {
          name: "state",
          head: said.state,
          cell: (batch) => (
            <Badge tone={batch.state === "visible" ? "good" : "warm"} icon={batch.state === "visible" ? "check" : "clock"}>
              {said.states(batch.state)}
            </Badge>
          ),
        },
        { name: "holds", head: said.size, cell: (batch) => <span class="dim">{holds(batch.details.counts)}</span> },
        {
          name: "since",
          head: said.since,
          cell: (batch) => (batch.created_at === null ? "–" : <Moment at={new Date(1000 * batch.created_at).toISOString()} />),
        },
        {
          name: "actions",
          head: <span class="sr">{said.actions}</span>,
          numeric: true,
          cell: (batch) =>
            may("remove_document") && (
              <Button tone="quiet" icon="trash" small bare onClick={() => onRemove(batch)}>
                {said.removeOne(nameOf(batch))}
              </Button>
            ),
        },
      ]}
    />
  );
}

function nameOf(batch: Batch): string {
  return batch.title || batchName(batch.batch);
}

function holds(counts: unknown): string {
  const { nodes, passages } = (typeof counts === "object" && counts !== null ? counts : {}) as JsonObject;
  return typeof nodes === "number" && typeof passages === "number" ? words().holds(number(nodes), number(passages)) : "–";
}

function BroughtFiles({ bringing }: { bringing: Bringing }) {
  const said = words();
  if (bringing.files.length === 0) return null;
  const resting = bringing.files.every((item) => ["done", "failed", "stopped"].includes(item.phase));
  return (
    <Card
      title={said.bring}
      actions={
        resting && (
          <Button tone="quiet" small onClick={bringing.clear}>
            {said.clear}
          </Button>
        )
      }
    >
      <ul class="files">
        {bringing.files.map((item) => (
          <BroughtFile key={item.key} item={item} onStop={() => bringing.stop(item.key)} />
        ))}
      </ul>
    </Card>
  );
}

function BroughtFile({ item, onStop }: { item: Brought; onStop: () => void }) {
  const things = thingWords();
  const active = item.phase === "waiting" || item.phase === "uploading" || item.phase === "reading";
  return (
    <li class="file-row">
      <div class="grow">
        <div class="clip" dir="auto" title={item.file.name}>
          {item.file.name}
        </div>
        <Outcome item={item} />
      </div>
      {item.phase === "uploading" && <Progress label={things.uploading} done={item.sent} total={item.file.size} counted={false} />}
      {item.phase === "reading" && (
        <Progress label={things.working} done={item.job?.progress.done ?? 0} total={item.job?.progress.total ?? 0} counted={false} />
      )}
      {item.phase === "waiting" && <span class="dim small">{things.waiting}</span>}
      {item.phase === "done" && (
        <Badge tone="good" icon="check">
          {things.done}
        </Badge>
      )}
      {item.phase === "failed" && (
        <Badge tone="bad" icon="cross">
          {states().failed}
        </Badge>
      )}
      {item.phase === "stopped" && <Badge icon="minus">{things.given}</Badge>}
      {active && (
        <Button tone="quiet" icon="stop" small bare onClick={onStop}>
          {things.stop}
        </Button>
      )}
    </li>
  );
}

function Outcome({ item }: { item: Brought }) {
  const said = words();
  if (item.error) {
    return (
      <div class="small file-error" role="alert">
        {item.error.message}
      </div>
    );
  }
  const result = item.job?.result;
  if (item.phase !== "done" || !result) return <div class="dim small">{bytes(item.file.size)}</div>;
  const warnings = Array.isArray(result.warnings) ? result.warnings : [];
  return (
    <div class="dim small">
      {result.unchanged === true ? said.same : said.taken(number(Number(result.nodes)), number(Number(result.passages)))}
      {warnings.map((warning) => (
        <div key={String(warning)} class="file-warning">
          {String(warning)}
        </div>
      ))}
    </div>
  );
}
