import type { ComponentChildren } from "preact";

import type { State } from "../api/types";
import { states } from "../i18n/states";
import { Icon, type IconName } from "./icon";

export type BadgeTone = "plain" | "good" | "bad" | "warm" | "accent";

export function Badge({ tone = "plain", icon, children }: { tone?: BadgeTone; icon?: IconName; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

const LOOKS: Record<State, { tone: BadgeTone; icon: IconName }> = {
  queued: { tone: "plain", icon: "clock" },
  running: { tone: "accent", icon: "turning" },
  succeeded: { tone: "good", icon: "check" },
  failed: { tone: "bad", icon: "cross" },
  cancelled: { tone: "plain", icon: "minus" },
};

/** The state of a job: by word, shape and colour, so that none of them is needed alone. */
export function StateBadge({ state, stopping = false }: { state: State; stopping?: boolean }) {
  const words = states();
  const { tone, icon } = LOOKS[state];
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} class={state === "running" ? "spin" : ""} />
      {stopping && state === "running" ? words.stopping : words[state]}
    </span>
  );
}
