/** Keys: made, rotated, revoked. */

import { useState } from "preact/hooks";

import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { Confirm } from "../../design/dialog";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Moment } from "../../design/moment";
import { Skeleton } from "../../design/skeleton";
import { Table } from "../../design/table";
import { useResource } from "../../state/resource";
import { may, me, signOut } from "../../state/session";
import { toast } from "../../state/toasts";
import { type FreshKey, type Key, OPERATIONS, listKeys, revokeKey } from "./calls";
import { NewKeyDialog, RotateDialog, ShownOnce } from "./key-dialogs";
import { words } from "./words";

type Open = { kind: "new" } | { kind: "rotate" | "revoke"; key: Key } | { kind: "shown"; key: FreshKey } | null;

export function Keys() {
  const said = words();
  const keys = useResource((signal) => listKeys(null, signal), []);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const made = (key: FreshKey) => {
    setOpen({ kind: "shown", key });
    keys.reload();
  };
  return (
    <Card
      title={said.keys}
      note={said.keysNote}
      flush
      actions={
        may(OPERATIONS.createKey) && (
          <Button tone="primary" icon="plus" onClick={() => setOpen({ kind: "new" })}>
            {said.newKey}
          </Button>
        )
      }
    >
      {keys.error && (
        <div class="card-body">
          <ErrorPanel error={keys.error} onRetry={keys.reload} />
        </div>
      )}
      {keys.value === undefined && !keys.error && <Skeleton lines={5} />}
      {keys.value?.keys.length === 0 && (
        <Empty icon="key" title={said.noKeys}>
          <p>{said.noKeysText}</p>
        </Empty>
      )}
      {keys.value && keys.value.keys.length > 0 && <KeyTable keys={keys.value.keys} onOpen={(kind, key) => setOpen({ kind, key })} />}
      {open?.kind === "new" && <NewKeyDialog onClose={close} onMade={made} />}
      {open?.kind === "rotate" && <RotateDialog subject={open.key} onClose={close} onMade={made} />}
      {open?.kind === "shown" && <ShownOnce subject={open.key} onClose={close} />}
      {open?.kind === "revoke" && <Revoke subject={open.key} onClose={close} onRevoked={keys.reload} />}
    </Card>
  );
}

function KeyTable({ keys, onOpen }: { keys: readonly Key[]; onOpen: (kind: "rotate" | "revoke", key: Key) => void }) {
  const said = words();
  const foreign = keys.some((key) => key.tenant !== me.value?.tenant);
  return (
    <Table
      caption={said.keys}
      rows={keys}
      keyOf={(key) => key.prefix}
      columns={[
        {
          name: "name",
          head: said.name,
          cell: (key) => (
            <span class="row settings-name">
              <b>{key.name}</b>
              {key.prefix === me.value?.key && <Badge tone="accent">{said.yours}</Badge>}
              {isExpired(key) && <Badge tone="bad">{said.expired}</Badge>}
            </span>
          ),
        },
        { name: "prefix", head: said.prefix, cell: (key) => <span class="mono">{key.prefix}</span> },
        { name: "role", head: said.role, cell: (key) => said.roleName(key.role) },
        ...(foreign ? [{ name: "tenant", head: said.tenant, cell: (key: Key) => key.tenant }] : []),
        { name: "created", head: said.created, cell: (key) => <Moment at={key.created_at} /> },
        { name: "by", head: said.createdBy, cell: (key) => key.created_by ?? "–" },
        {
          name: "used",
          head: said.lastUsed,
          cell: (key) => (key.last_used_at === null ? <span class="dim">{said.notUsed}</span> : <Moment at={key.last_used_at} />),
        },
        {
          name: "expires",
          head: said.expires,
          cell: (key) => (key.expires_at === null ? <span class="dim">{said.never}</span> : <Moment at={key.expires_at} />),
        },
        {
          name: "actions",
          head: <span class="sr">{said.actions}</span>,
          numeric: true,
          cell: (key) => (
            <>
              {may(OPERATIONS.rotateKey) && (
                <Button tone="quiet" icon="retry" small bare onClick={() => onOpen("rotate", key)}>
                  {said.rotateThis(key.name)}
                </Button>
              )}
              {may(OPERATIONS.revokeKey) && (
                <Button tone="quiet" icon="trash" small bare onClick={() => onOpen("revoke", key)}>
                  {said.revokeThis(key.name)}
                </Button>
              )}
            </>
          ),
        },
      ]}
    />
  );
}

function Revoke({ subject, onClose, onRevoked }: { subject: Key; onClose: () => void; onRevoked: () => void }) {
  const said = words();
  const own = subject.prefix === me.value?.key;
  const revoke = async () => {
    await revokeKey(subject.prefix);
    if (own) return signOut();
    toast(said.revoked, "good");
    onRevoked();
  };
  return (
    <Confirm title={said.revokeTitle(subject.name)} action={said.revoke} danger onConfirm={revoke} onClose={onClose}>
      <p>{said.revokeText}</p>
      {own && <p class="settings-warning">{said.revokeOwn}</p>}
    </Confirm>
  );
}

function isExpired(key: Key): boolean {
  return key.expires_at !== null && Date.parse(key.expires_at) <= Date.now();
}
