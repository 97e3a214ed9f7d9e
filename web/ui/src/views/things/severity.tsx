import type { ComponentChildren } from "preact";

import { words } from "./words";
import { SEVERITIES, type Severity, isSeverity } from "./types";

/** A shape for each severity, worst first: colour is never the only sign. */
export const SHAPES: Readonly<Record<Severity, string>> = { critical: "◆", high: "▲", medium: "■", low: "●" };

export function SeverityBadge({ severity }: { severity: unknown }) {
  if (!isSeverity(severity)) return null;
  return (
    <span class={`badge severity ${severity}`}>
      <span aria-hidden="true">{SHAPES[severity]}</span>
      {words().severity(severity)}
    </span>
  );
}

/** What the shapes and colours say. */
export function Legend({ children }: { children?: ComponentChildren }) {
  return (
    <ul class="legend small">
      {SEVERITIES.map((severity) => (
        <li key={severity}>
          <span class={`severity ${severity}`} aria-hidden="true">
            {SHAPES[severity]}
          </span>
          {words().severity(severity)}
        </li>
      ))}
      {children}
    </ul>
  );
}
