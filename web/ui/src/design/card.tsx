import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface CardProps {
  readonly title?: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** The content reaches the edges, as tables do. */
  readonly flush?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, note, actions, flush = false, children }: CardProps) {
  const id = useId();
  return (
    <section class="card" {...(title ? { "aria-labelledby": id } : {})}>
      {title && (
        <div class="card-head">
          <h2 id={id}>
            {title}
            {note && <div class="card-note">{note}</div>}
          </h2>
          {actions}
        </div>
      )}
      <div class={flush ? "card-body flush" : "card-body"}>{children}</div>
    </section>
  );
}
