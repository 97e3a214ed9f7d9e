import { useState } from "preact/hooks";

import { Problem } from "../../api/problem";
import { Button } from "../../design/button";
import { Confirm, Dialog } from "../../design/dialog";
import { ErrorPanel } from "../../design/error-panel";
import { Field } from "../../design/field";
import { actions } from "../../i18n/actions";
import { navigate } from "../../router";
import { toast } from "../../state/toasts";
import { QUOTAS, type Quota, type Quotas, type Tenant, changeTenant, createTenant, eraseTenant } from "./calls";
import { words } from "./words";

const GIB = 2 ** 30;

interface DialogProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function NewTenantDialog({ onClose, onDone }: DialogProps) {
  const said = words();
  const [id, setId] = useState("");
  const [title, setTitle] = useState("");
  const [quotas, setQuotas] = useState<Texts>(texts({}));
  const form = useForm(onClose, async () => {
    await createTenant({ id: id.trim(), ...(title.trim() === "" ? {} : { title: title.trim() }), quotas: numbers(quotas) });
    toast(said.tenantMade, "good");
    onDone();
  });
  return (
    <Dialog title={said.newTenant} onClose={onClose} foot={<Foot busy={form.busy} action={said.createTenant} form="new-tenant" onClose={onClose} />}>
      <form id="new-tenant" class="settings-form" onSubmit={form.submit}>
        <Field label={said.tenantId} hint={said.tenantIdHint} error={form.of("id")}>
          {(control) => (
            <input {...control} required autofocus pattern="[a-z0-9][a-z0-9\-]*" maxLength={63} value={id} onInput={(event) => setId(event.currentTarget.value)} />
          )}
        </Field>
        <Field label={said.title} error={form.of("title")}>
          {(control) => <input {...control} maxLength={200} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />}
        </Field>
        <QuotaFields values={quotas} onChange={setQuotas} />
        {form.error && form.of("id") === null && form.of("title") === null && <ErrorPanel error={form.error} />}
      </form>
    </Dialog>
  );
}

export function QuotasDialog({ tenant, onClose, onDone }: DialogProps & { tenant: Tenant }) {
  const said = words();
  const [quotas, setQuotas] = useState<Texts>(texts(tenant.quotas));
  const [suspended, suspend] = useState(tenant.suspended);
  const form = useForm(onClose, async () => {
    await changeTenant(tenant.id, { quotas: numbers(quotas), ...(suspended === tenant.suspended ? {} : { suspended }) });
    toast(said.saved, "good");
    onDone();
  });
  return (
    <Dialog title={said.changeQuotas(tenant.id)} onClose={onClose} foot={<Foot busy={form.busy} action={said.change} form="quotas" onClose={onClose} />}>
      <form id="quotas" class="settings-form" onSubmit={form.submit}>
        <QuotaFields values={quotas} onChange={setQuotas} />
        <label class="check">
          <input type="checkbox" checked={suspended} onChange={(event) => suspend(event.currentTarget.checked)} />
          {said.suspend}
        </label>
        {form.error && <ErrorPanel error={form.error} />}
      </form>
    </Dialog>
  );
}

export function EraseDialog({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const said = words();
  const [typed, setTyped] = useState("");
  const sure = typed.trim() === tenant.id;
  const erase = async () => {
    const job = await eraseTenant(tenant.id);
    toast(said.erasing);
    navigate(`/jobs/${encodeURIComponent(job.id)}`);
  };
  return (
    <Confirm title={said.eraseTitle(tenant.id)} action={said.erase} danger ready={sure} onConfirm={erase} onClose={onClose}>
      <div class="settings-form">
        <p>{said.eraseText}</p>
        <Field label={said.eraseType(tenant.id)}>
          {(control) => (
            <input {...control} autocomplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
          )}
        </Field>
      </div>
    </Confirm>
  );
}

/** What is typed: a number of things, or of GiB; empty means no limit. */
type Texts = Readonly<Record<Quota, string>>;

function texts(quotas: Quotas): Texts {
  const text = (value: number | null | undefined, unit: number) => (value === null || value === undefined ? "" : String(value / unit));
  return {
    jobs_in_flight: text(quotas.jobs_in_flight, 1),
    traces_per_day: text(quotas.traces_per_day, 1),
    storage_bytes: text(quotas.storage_bytes, GIB),
  };
}

function numbers(values: Texts): Quotas {
  return Object.fromEntries(
    QUOTAS.map((name) => [name, values[name].trim() === "" ? null : Math.round(Number(values[name]) * (name === "storage_bytes" ? GIB : 1))]),
  );
}

function QuotaFields({ values, onChange }: { values: Texts; onChange: (values: Texts) => void }) {
  const said = words();
  return (
    <>
      {QUOTAS.map((name) => (
        <Field key={name} label={said.quota(name)} hint={name === "storage_bytes" ? said.bytesHint : said.quotaHint}>
          {(control) => (
            <input
              {...control}
              type="number"
              min={name === "storage_bytes" ? 0.001 : 1}
              step={name === "storage_bytes" ? "any" : 1}
              value={values[name]}
              onInput={(event) => onChange({ ...values, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
    </>
  );
}

function Foot({ busy, action, form, onClose }: { busy: boolean; action: string; form: string; onClose: () => void }) {
  return (
    <>
      <Button onClick={onClose}>{actions().cancel}</Button>
      <Button type="submit" form={form} tone="primary" busy={busy}>
        {action}
      </Button>
    </>
  );
}

function useForm(onClose: () => void, work: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await work();
      onClose();
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  const of = (field: string) => (error instanceof Problem && error.field === field ? error.message : null);
  return { busy, error, submit, of };
}
