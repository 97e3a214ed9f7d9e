/** One job in the list. */

import { type Job, isReported } from "../../api/types";
import { Badge, StateBadge } from "../../design/badge";
import { Moment } from "../../design/moment";
import { Progress } from "../../design/progress";
import { duration } from "../../i18n/format";
import { kindName } from "../../i18n/kinds";
import { Link, setQuery } from "../../router";
import { Actions } from "./actions";
import { words } from "./words";

const TAGS_SHOWN = 3;

interface RowProps {
  readonly job: Job;
  readonly onChanged: (job: Job) => void;
}

export function Row({ job, onChanged }: RowProps) {
  return (
    <>
      <div role="cell" class="jobs-state">
        <StateBadge state={job.state} stopping={job.cancel_requested} />
      </div>
      <div role="cell" class="jobs-name">
        <Link to={`/jobs/${encodeURIComponent(job.id)}`} class="jobs-link">
          {nameOf(job)}
        </Link>
        <span class="mono dim jobs-id" title={job.id}>
          {shortId(job.id)}
        </span>
      </div>
      <div role="cell" class="jobs-what">
        {job.kind === "simulation.import" && nameOf(job) !== kindName(job.kind) && <Badge tone="accent">{kindName(job.kind)}</Badge>}
        <What job={job} />
      </div>
      <div role="cell" class="jobs-tags">
        {job.tags.slice(0, TAGS_SHOWN).map((tag) => (
          <button type="button" class="tag" key={tag} title={tag} onClick={() => setQuery({ tag }, { replace: false })}>
            {tag}
          </button>
        ))}
        {job.tags.length > TAGS_SHOWN && <span class="dim small">+{job.tags.length - TAGS_SHOWN}</span>}
      </div>
      <div role="cell" class="jobs-when dim">
        <Moment at={job.timings.submitted_at} />
      </div>
      <div role="cell" class="jobs-took num dim">{job.timings.ran_s !== null && duration(job.timings.ran_s)}</div>
      <div role="cell" class="jobs-actions">
        <Actions job={job} bare onChanged={onChanged} onRetried={onChanged} />
      </div>
    </>
  );
}

function What({ job }: { job: Job }) {
  if (job.state === "failed" && job.error !== null) {
    return (
      <span class="clip jobs-error" title={job.error.message}>
        {job.error.message}
      </span>
    );
  }
  if (job.state === "running") return <Progress done={job.progress.done} total={job.progress.total} label={words().progress} />;
  const text = summary(job);
  return (
    <span class="clip dim" title={text}>
      {text}
    </span>
  );
}

/** The farm's own sentence about a result, where it has one. */
function summary(job: Job): string {
  const result = job.result ?? {};
  for (const name of ["headline", "answer", "verdict", "message"]) {
    const value = result[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return job.progress.message;
}

/** A campaign has a name of its own in its result; other jobs are called by their kind. */
function nameOf(job: Job): string {
  const name = job.result?.name;
  return isReported(job.kind) && typeof name === "string" && name !== "" ? name : kindName(job.kind);
}

/** The end of an id is what differs between jobs of one moment. */
export function shortId(id: string): string {
  return id.length > 8 ? id.slice(-8) : id;
}
