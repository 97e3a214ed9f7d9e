/** Tenants: what they may use, what they use, and the way out for their data. */

import { useState } from "preact/hooks";

import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { ErrorPanel } from "../../design/error-panel";
import { Progress } from "../../design/progress";
import { Skeleton } from "../../design/skeleton";
import { bytes, day, number } from "../../i18n/format";
import { useResource } from "../../state/resource";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { OPERATIONS, QUOTAS, type Quota, type Tenant, exportTenant, listTenants } from "./calls";
import { EraseDialog, NewTenantDialog, QuotasDialog } from "./tenant-dialogs";
import { words } from "./words";

type Open = { kind: "new" } | { kind: "quotas" | "erase"; tenant: Tenant } | null;

const NEARLY = 0.9;

export function Tenants() {
  const said = words();
  const tenants = useResource(listTenants, []);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <div class="stack">
      <div class="row settings-lead">
        <p class="dim grow">{said.tenantsNote}</p>
        {may(OPERATIONS.createTenant) && (
          <Button tone="primary" icon="plus" onClick={() => setOpen({ kind: "new" })}>
            {said.newTenant}
          </Button>
        )}
      </div>
      {tenants.error && <ErrorPanel error={tenants.error} onRetry={tenants.reload} />}
      {tenants.value === undefined && !tenants.error && (
        <div class="card">
          <Skeleton lines={6} />
        </div>
      )}
      {tenants.value?.tenants.map((tenant) => (
        <TenantCard key={tenant.id} tenant={tenant} onOpen={(kind) => setOpen({ kind, tenant })} />
      ))}
      {open?.kind === "new" && <NewTenantDialog onClose={close} onDone={tenants.reload} />}
      {open?.kind === "quotas" && <QuotasDialog tenant={open.tenant} onClose={close} onDone={tenants.reload} />}
      {open?.kind === "erase" && <EraseDialog tenant={open.tenant} onClose={close} />}
    </div>
  );
}

function TenantCard({ tenant, onOpen }: { tenant: Tenant; onOpen: (kind: "quotas" | "erase") => void }) {
  const said = words();
  return (
    <Card
      title={
        <span class="row">
          {tenant.id} {tenant.suspended && <Badge tone="bad">{said.suspended}</Badge>}
        </span>
      }
      note={[tenant.title, tenant.created_at && day(tenant.created_at)].filter((part) => part && part !== tenant.id).join(" · ")}
      actions={
        <div class="row settings-actions">
          {may(OPERATIONS.changeTenant) && (
            <Button small onClick={() => onOpen("quotas")} aria-label={said.changeQuotas(tenant.id)}>
              {said.quotas}
            </Button>
          )}
          {may(OPERATIONS.exportTenant) && <Export id={tenant.id} />}
          {may(OPERATIONS.eraseTenant) && (
            <Button tone="danger" small onClick={() => onOpen("erase")} aria-label={said.eraseThis(tenant.id)}>
              {said.erase}
            </Button>
          )}
        </div>
      }
    >
      <dl class="settings-quotas">
        {QUOTAS.map((name) => (
          <Used key={name} name={name} tenant={tenant} />
        ))}
      </dl>
    </Card>
  );
}

function Used({ name, tenant }: { name: Quota; tenant: Tenant }) {
  const said = words();
  const used = tenant.usage[name] ?? null;
  const most = tenant.quotas[name] ?? null;
  const show = name === "storage_bytes" ? bytes : number;
  const share = used !== null && most !== null && most > 0 ? used / most : 0;
  const shown = used === null ? said.notMeasured : show(used);
  return (
    <div>
      <dt>{said.quota(name)}</dt>
      <dd>
        {most === null ? shown : said.ofQuota(shown, show(most))}
        {most !== null && <Progress done={Math.round(1000 * share)} total={1000} label={said.quota(name)} tone={share >= NEARLY ? "bad" : "accent"} counted={false} />}
      </dd>
    </div>
  );
}

function Export({ id }: { id: string }) {
  const said = words();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const url = URL.createObjectURL(await exportTenant(id));
      const link = document.createElement("a");
      link.href = url;
      link.download = `dasein-${id}.zip`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      toast(said.exported, "good");
    } catch (error) {
      toast((error as Error).message, "bad");
    }
    setBusy(false);
  };
  return (
    <Button small icon="download" busy={busy} onClick={save} aria-label={said.exportThis(id)}>
      {said.export}
    </Button>
  );
}
