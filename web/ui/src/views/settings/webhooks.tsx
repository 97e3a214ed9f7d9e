/** Deliveries of webhooks, and sending them again. */

import { useState } from "preact/hooks";

import { Badge, type BadgeTone } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { CopyButton } from "../../design/copy";
import { Confirm } from "../../design/dialog";
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
import { type Delivery, OPERATIONS, type Secret, listDeliveries, replayDelivery, rotateSecret, showSecret } from "./calls";
import { words } from "./words";

const LOOK_MS = 5000;
const TONES: Readonly<Record<Delivery["state"], BadgeTone>> = { delivered: "good", failed: "bad", pending: "accent" };

export function Webhooks() {
  const said = words();
  const deliveries = useResource(listDeliveries, []);
  useEvery(LOOK_MS, deliveries.reload);
  const found = deliveries.value;
  return (
    <div class="stack">
      {may(OPERATIONS.showSecret) && <SigningSecret />}
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
              { name: "at", head: said.at, cell: (delivery) => <Moment at={delivery.created_at} /> },
              { name: "job", head: said.job, cell: (delivery) => <JobLink id={delivery.job} /> },
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
                cell: (delivery) => <Badge tone={TONES[delivery.state]}>{said.deliveryState(delivery.state)}</Badge>,
              },
              {
                name: "answer",
                head: said.answer,
                cell: (delivery) => (
                  <span class="small dim">{[delivery.status, delivery.problem].filter((part) => part !== null).join(" · ") || "–"}</span>
                ),
              },
              { name: "attempts", head: said.attempts, numeric: true, cell: (delivery) => number(delivery.attempts) },
              { name: "next", head: said.next, cell: (delivery) => delivery.due_at && <Moment at={delivery.due_at} /> },
              {
                name: "replay",
                head: <span class="sr">{said.replay}</span>,
                numeric: true,
                cell: (delivery) => delivery.state !== "pending" && may(OPERATIONS.replayDelivery) && <Replay delivery={delivery} onDone={deliveries.reload} />,
              },
            ]}
          />
        )}
      </Card>
    </div>
  );
}

/** What receivers verify deliveries with; shown when it is asked for. */
function SigningSecret() {
  const said = words();
  const [secret, show] = useState<Secret | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [asking, ask] = useState(false);
  const reveal = () => {
    setError(null);
    showSecret().then(show, setError);
  };
  return (
    <Card
      title={said.secret}
      note={said.secretNote}
      actions={
        <div class="row">
          {secret === null && <Button onClick={reveal}>{said.show}</Button>}
          {may(OPERATIONS.rotateSecret) && <Button onClick={() => ask(true)}>{said.changeSecret}</Button>}
        </div>
      }
    >
      {error && <ErrorPanel error={error} />}
      <div class="row">
        <span class="mono grow">{secret === null ? "••••••••••••••••" : secret.secret}</span>
        {secret && <CopyButton text={secret.secret} />}
      </div>
      {secret?.previous_until && (
        <p class="small dim">
          {said.previousUntil} <Moment at={secret.previous_until} />
        </p>
      )}
      {asking && (
        <Confirm title={said.changeSecretTitle} action={said.changeSecret} onConfirm={async () => show(await rotateSecret())} onClose={() => ask(false)}>
          <p>{said.changeSecretText}</p>
        </Confirm>
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
