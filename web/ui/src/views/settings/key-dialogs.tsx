import { useState } from "preact/hooks";

import { keepKey } from "../../api/key";
import { Problem } from "../../api/problem";
import { ROLES, type Role } from "../../api/types";
import { Button } from "../../design/button";
import { CopyButton } from "../../design/copy";
import { Dialog } from "../../design/dialog";
import { ErrorPanel } from "../../design/error-panel";
import { Field } from "../../design/field";
import { actions } from "../../i18n/actions";
import { me, refresh } from "../../state/session";
import { type FreshKey, type Key, createKey, rotateKey } from "./calls";
import { words } from "./words";

const DAY_S = 86_400;
const EXPIRIES = [30, 90, 365] as const;
const GRACES = [0, 1, 24, 168] as const;

interface DialogProps {
  readonly onClose: () => void;
  readonly onMade: (key: FreshKey) => void;
}

export function NewKeyDialog({ onClose, onMade }: DialogProps) {
  const said = words();
  const [name, setName] = useState("");
  // Whoever makes the first key with less than an admin's role would lock everybody out, themselves first.
  const first = me.value?.authentication === "none";
  const [role, setRole] = useState<Role>(first ? "admin" : "submitter");
  const [tenant, setTenant] = useState(me.value?.tenant ?? "");
  const [days, setDays] = useState("90");
  const { busy, error, run } = useSubmit();
  const of = (field: string) => (error instanceof Problem && error.field === field ? error.message : null);
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const made = await createKey({
        name: name.trim(),
        role,
        ...(tenant === me.value?.tenant ? {} : { tenant: tenant.trim() }),
        ...(days === "" ? {} : { expires_in_s: Number(days) * DAY_S }),
      });
      // From now on nobody is let in without a key: not this page either, which must go on showing it.
      if (first) keepKey(made.key);
      onMade(made);
    });
  };
  const foot = (
    <>
      <Button onClick={onClose}>{actions().cancel}</Button>
      <Button type="submit" form="new-key" tone="primary" busy={busy}>
        {said.create}
      </Button>
    </>
  );
  return (
    <Dialog title={said.newKey} onClose={onClose} foot={foot}>
      <form id="new-key" class="settings-form" onSubmit={submit}>
        {first && <p class="settings-warning">{said.firstKey}</p>}
        <Field label={said.name} hint={said.nameHint} error={of("name")}>
          {(control) => (
            <input {...control} required maxLength={100} autofocus value={name} onInput={(event) => setName(event.currentTarget.value)} />
          )}
        </Field>
        <Field label={said.role} hint={said.roleText(role)} error={of("role")}>
          {(control) => (
            <select {...control} disabled={first} value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
              {ROLES.map((item) => (
                <option key={item} value={item}>
                  {said.roleName(item)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {me.value?.home && !first && (
          <Field label={said.tenant} error={of("tenant")}>
            {(control) => (
              <input {...control} required pattern="[a-z0-9][a-z0-9\-]*" maxLength={63} value={tenant} onInput={(event) => setTenant(event.currentTarget.value)} />
            )}
          </Field>
        )}
        <Field label={said.expiresIn} error={of("expires_in_s")}>
          {(control) => (
            <select {...control} value={days} onChange={(event) => setDays(event.currentTarget.value)}>
              {EXPIRIES.map((count) => (
                <option key={count} value={count}>
                  {said.days(count)}
                </option>
              ))}
              <option value="">{said.never}</option>
            </select>
          )}
        </Field>
        {error && !(error instanceof Problem && ["name", "role", "tenant", "expires_in_s"].includes(error.field ?? "")) && <ErrorPanel error={error} />}
      </form>
    </Dialog>
  );
}

export function RotateDialog({ subject, onClose, onMade }: DialogProps & { subject: Key }) {
  const said = words();
  const [hours, setHours] = useState("24");
  const { busy, error, run } = useSubmit();
  const own = subject.prefix === me.value?.key;
  const rotate = () =>
    run(async () => {
      const made = await rotateKey(subject.prefix, Number(hours) * 3600);
      if (own) {
        // Before the old one ends; who we are is then asked with the new one.
        keepKey(made.key);
      }
      onMade(made);
    });
  const foot = (
    <>
      <Button onClick={onClose}>{actions().keepAsIs}</Button>
      <Button tone="primary" busy={busy} onClick={rotate}>
        {said.rotate}
      </Button>
    </>
  );
  return (
    <Dialog title={said.rotateTitle(subject.name)} onClose={onClose} foot={foot}>
      <p>{said.rotateText}</p>
      {own && <p class="settings-warning">{said.rotateOwn}</p>}
      <Field label={said.grace}>
        {(control) => (
          <select {...control} value={hours} onChange={(event) => setHours(event.currentTarget.value)}>
            {GRACES.map((count) => (
              <option key={count} value={count}>
                {count === 0 ? said.noGrace : count >= 48 ? said.days(count / 24) : said.hours(count)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {error && <ErrorPanel error={error} />}
    </Dialog>
  );
}

/** The one time that a key can be read. */
export function ShownOnce({ subject, onClose }: { subject: FreshKey; onClose: () => void }) {
  const said = words();
  const close = () => {
    onClose();
    // It may be our own that was rotated, or the first one, with which we are somebody else.
    refresh().catch(() => undefined);
  };
  return (
    <Dialog title={said.madeTitle} onClose={close} foot={<Button onClick={close}>{said.done}</Button>}>
      <p>{said.madeText}</p>
      <Field label={said.theKey}>
        {(control) => <input {...control} class="input mono" readOnly value={subject.key} onFocus={(event) => event.currentTarget.select()} />}
      </Field>
      <div>
        <CopyButton text={subject.key} label={said.copyKey} small={false} />
      </div>
    </Dialog>
  );
}

function useSubmit() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  return { busy, error, run };
}
