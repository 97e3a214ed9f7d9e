/** Deliveries of webhooks, and sending them again. */

import { useState } from "preact/hooks";

import { Badge, type BadgeTone } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Moment } from "../../design/moment";
import { Skeleton } from "../../design/skeleton";
import { Table } from "../../design/table";
import { number } from "../../i18n/format";
import { Link } from "../../router";
import { useEvery, useResource } from "../../state/resource";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { type Delivery, OPERATIONS, listDeliveries, replayDelivery } from "./calls";
import { words } from "./words";

const LOOK_MS = 5000;
const TONES: Readonly<Record<string, BadgeTone>> = { delivered: "good", failed: "bad", given_up: "bad", dead: "bad", pending: "accent", retrying: "warm" };

export function Webhooks() {
  const said = words();
  const deliveries = useResource(listDeliveries, []);
  useEvery(LOOK_MS, deliveries.reload);
  const found = deliveries.value?.deliveries;
  return (
    <Card title={said.webhooks} note={said.webhooksNote} flush>
      {deliveries.error && found === undefined && (
        <div class="card-body">
          <ErrorPanel error={deliveries.error} onRetry={deliveries.reload} />
        </div>
      )}
      {found === undefined && !deliveries.error && <Skeleton lines={6} />}
      {found?.length === 0 && (
        <Empty icon="out" title={said.noDeliveries}>
          <p>{said.noDeliveriesText}</p>
        </Empty>
      )}
      {found && found.length > 0 && (
        <Table
          caption={said.webhooks}
          rows={found}
          keyOf={(delivery) => delivery.id}
          columns={[
            { name: "at", head: said.at, cell: (delivery) => <Moment at={delivery.at} /> },
            { name: "job", head: said.job, cell: (delivery) => <JobLink id={delivery.job_id} /> },
            {
              name: "url",
              head: said.url,
              cell: (delivery) => (
                <span class="mono clip settings-url" title={delivery.url}>
                  {delivery.url}
                </span>
              ),
            },
            {
              name: "state",
              head: said.state,
              cell: (delivery) => <Badge tone={TONES[delivery.state] ?? "plain"}>{delivery.state}</Badge>,
            },
            {
              name: "answer",
              head: said.answer,
              cell: (delivery) => (
                <span class="small dim" title={delivery.error ?? ""}>
                  {delivery.status ?? delivery.error ?? "–"}
                </span>
              ),
            },
            { name: "attempts", head: said.attempts, numeric: true, cell: (delivery) => number(delivery.attempts) },
            { name: "next", head: said.next, cell: (delivery) => delivery.next_at && <Moment at={delivery.next_at} /> },
            {
              name: "replay",
              head: <span class="sr">{said.replay}</span>,
              numeric: true,
              cell: (delivery) => may(OPERATIONS.replayDelivery) && <Replay delivery={delivery} onDone={deliveries.reload} />,
            },
          ]}
        />
      )}
    </Card>
  );
}

function JobLink({ id }: { id: string }) {
  return (
    <Link class="mono" to={`/jobs/${encodeURIComponent(id)}`} title={id}>
      {id.slice(-8)}
    </Link>
  );
}

function Replay({ delivery, onDone }: { delivery: Delivery; onDone: () => void }) {
  const said = words();
  const [busy, setBusy] = useState(false);
  const replay = async () => {
    setBusy(true);
    try {
      await replayDelivery(delivery.id);
      toast(said.replayed, "good");
      onDone();
    } catch (error) {
      toast((error as Error).message, "bad");
    }
    setBusy(false);
  };
  return (
    <Button tone="quiet" icon="retry" small bare busy={busy} onClick={replay}>
      {said.replayThis(delivery.id)}
    </Button>
  );
}
