/** Names and what they stand for. */

import type { ComponentChildren } from "preact";

/** Those whose value is null are left out. */
export function Facts({ facts, class: also }: { facts: readonly (readonly [name: string, value: ComponentChildren])[]; class?: string }) {
  return (
    <dl class={also ? `facts ${also}` : "facts"}>
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
    </dl>
  );
}

/** One of them, where each is written by itself. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
