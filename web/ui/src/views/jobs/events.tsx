/** What happened to a job, newest first. */

import { Badge, StateBadge } from "../../design/badge";
import { Moment } from "../../design/moment";
import { Progress } from "../../design/progress";
import { number } from "../../i18n/format";
import { STATES, type State } from "../../api/types";
import type { JobEvent } from "../../api/job-events";
import { words } from "./words";

const SHOWN = 240;

export function Events({ events, left }: { events: readonly JobEvent[]; left: number }) {
  const said = words();
  if (events.length === 0) return <p class="job-none dim">{said.noEvents}</p>;
  return (
    <div class="job-events" tabIndex={0} role="group" aria-label={said.events}>
      <ol>
        {[...events].reverse().map((event) => (
          <li key={event.id}>
            <span class="dim small">{Number.isFinite(event.at) && <Moment at={new Date(event.at).toISOString()} />}</span>
            <What event={event} />
          </li>
        ))}
      </ol>
      {left > 0 && <p class="dim small job-none">{said.earlier(number(left))}</p>}
    </div>
  );
}

function What({ event }: { event: JobEvent }) {
  const said = words();
  const { data, name } = event;
  const state = STATES.find((item) => item === data.state) as State | undefined;
  if ((name === "state" || name === "done") && state !== undefined) {
    const attempt = typeof data.attempts === "number" && data.attempts > 1 ? said.attempt(data.attempts) : null;
    return (
      <span class="row">
        <StateBadge state={state} />
        {attempt && <span class="dim small">{attempt}</span>}
      </span>
    );
  }
  if (name === "progress") {
    const message = typeof data.message === "string" ? data.message : "";
    return (
      <div>
        <Progress done={numberOf(data.done)} total={numberOf(data.total)} label={said.progress} />
        {message !== "" && <span class="dim small">{message}</span>}
      </div>
    );
  }
  const text = JSON.stringify(data);
  return (
    <div>
      <Badge>{name === "partial" ? said.partial : name}</Badge>
      {text !== "{}" && <p class="mono dim job-partial">{text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}</p>}
    </div>
  );
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
