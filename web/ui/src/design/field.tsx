import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What a control needs so that its label, hint and error belong to it. */
export interface Control {
  readonly id: string;
  readonly class: "input";
  readonly "aria-invalid"?: "true";
  readonly "aria-describedby"?: string;
}

interface FieldProps {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly error?: string | null | undefined;
  readonly class?: string;
  readonly children: (control: Control) => ComponentChildren;
}

/** A labelled control: `<Field label="Name">{(control) => <input {...control} />}</Field>`. */
export function Field({ label, hint, error, class: extra = "", children }: FieldProps) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const control: Control = {
    id,
    class: "input",
    ...(error ? { "aria-invalid": "true" as const } : {}),
    ...(described ? { "aria-describedby": described } : {}),
  };
  return (
    <div class={`field ${extra}`}>
      <label for={id}>{label}</label>
      {children(control)}
      {error && (
        <span class="field-error" id={`${id}-error`}>
          {error}
        </span>
      )}
      {hint && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}
