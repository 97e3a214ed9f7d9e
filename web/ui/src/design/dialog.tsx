import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { actions } from "../i18n/actions";
import { Button } from "./button";
import { ErrorPanel } from "./error-panel";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly foot?: ComponentChildren;
}

/** A modal dialog, shown for as long as it is rendered: the browser keeps the focus in it and gives it back. */
export function Dialog({ title, onClose, children, foot }: DialogProps) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const cancelled = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog class="dialog" ref={element} aria-labelledby={id} onCancel={cancelled}>
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button tone="quiet" icon="cross" bare onClick={onClose}>
          {actions().close}
        </Button>
      </div>
      <div class="dialog-body">{children}</div>
      {foot && <div class="dialog-foot">{foot}</div>}
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What the button says: the verb, never "OK". */
  readonly action: string;
  readonly danger?: boolean;
  /** Whether it may be confirmed yet. */
  readonly ready?: boolean;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Ask before something that cannot be taken back; closes itself when it is done, and shows why it failed. */
export function Confirm({ title, action, danger = false, ready = true, onConfirm, onClose, children }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  const foot = (
    <>
      <Button onClick={onClose}>{actions().keepAsIs}</Button>
      <Button tone={danger ? "danger" : "primary"} busy={busy} disabled={!ready} onClick={confirm}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} foot={foot}>
      <div>{children}</div>
      {error && <ErrorPanel error={error} />}
    </Dialog>
  );
}
