/** The verdict: by word, shape and colour. */

import { Icon, type IconName } from "../../../design/icon";
import type { Severity, Verdict } from "../types";
import { words } from "../words";

const LOOKS: Record<Verdict, { tone: string; icon: IconName }> = {
  leaks: { tone: "bad", icon: "alert" },
  clean: { tone: "good", icon: "check" },
  insufficient: { tone: "warm", icon: "minus" },
  fault: { tone: "warm", icon: "cross" },
};

export function VerdictPill({ verdict, small = false }: { verdict: Verdict; small?: boolean }) {
  const { tone, icon } = LOOKS[verdict];
  return (
    <span class={`verdict ${tone} ${small ? "small" : ""}`}>
      <Icon name={icon} />
      {words().verdict(verdict)}
    </span>
  );
}

export { SEVERITIES } from "./severities";

export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <span class={`severity ${severity}`}>
      <i aria-hidden="true" />
      {words().severity(severity)}
    </span>
  );
}
