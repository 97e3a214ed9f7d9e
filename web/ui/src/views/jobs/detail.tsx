/** One job: where it stands, when it did what, what was asked and what came of it. */

import { useState } from "preact/hooks";

import { PREFIX, answer } from "../../api/client";
import { save } from "../../api/save";
import { type Job, isFinal, isReported } from "../../api/types";
import { StateBadge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { CopyButton } from "../../design/copy";
import { ErrorPanel } from "../../design/error-panel";
import { Fact } from "../../design/facts";
import { Icon } from "../../design/icon";
import { Json } from "../../design/json";
import { Moment } from "../../design/moment";
import { PageHead } from "../../design/page-head";
import { Progress } from "../../design/progress";
import { Loading } from "../../design/skeleton";
import { duration, number } from "../../i18n/format";
import { kindName } from "../../i18n/kinds";
import { Link, navigate } from "../../router";
import type { ViewProps } from "../../router/lazily";
import { toast } from "../../state/toasts";
import { Actions } from "./actions";
import "./detail.css";
import { Events } from "./events";
import { Outcome } from "./outcome";
import { shortId } from "./row";
import { useJob } from "./use-job";
import { words } from "./words";

export default function JobDetail({ params }: ViewProps) {
  const said = words();
  const id = params.id ?? "";
  const followed = useJob(id);
  const { job } = followed;
  if (job === undefined) {
    return (
      <div class="job stack">
        <Back />
        <PageHead title={shortId(id)} />
        {followed.error ? <ErrorPanel error={followed.error} onRetry={followed.reload} /> : <Loading />}
      </div>
    );
  }
  return (
    <div class="job stack">
      <Back />
      <PageHead
        title={kindName(job.kind)}
        lead={
          <span class="row job-lead">
            <StateBadge state={job.state} stopping={job.cancel_requested} />
            <span class="mono">{job.id}</span>
            <CopyButton text={job.id} />
          </span>
        }
        actions={
          <>
            <Actions job={job} onChanged={followed.put} onRetried={(again) => navigate(`/jobs/${encodeURIComponent(again.id)}`)} />
            <Onward job={job} />
          </>
        }
      />
      {followed.error && <ErrorPanel error={followed.error} onRetry={followed.reload} />}
      <State job={job} />
      <Outcome job={job} />
      <div class="job-columns">
        <div class="stack">
          <Card title={said.result} flush>
            {job.result === null ? <p class="job-none dim">{said.noResult}</p> : <Json value={job.result} label={said.result} />}
          </Card>
          <Card title={said.params} flush>
            {job.params === null || Object.keys(job.params).length === 0 ? (
              <p class="job-none dim">{said.noParams}</p>
            ) : (
              <Json value={job.params} label={said.params} />
            )}
          </Card>
        </div>
        <div class="stack">
          <Card title={said.timings}>
            <Timings job={job} />
          </Card>
          <Card title={said.events} note={followed.broken ? said.reconnecting : said.eventsNote} flush>
            <Events events={followed.events} left={followed.left} />
          </Card>
        </div>
      </div>
    </div>
  );
}

function Back() {
  return (
    <Link to="/jobs" class="job-back">
      <Icon name="left" />
      {words().back}
    </Link>
  );
}

/** Jobs whose report is a page of its own, which is no campaign's here. */
const PAGED: ReadonlySet<string> = new Set(["simulation.profile"]);

function SaveReport({ job, link }: { job: Job; link: string }) {
  const [busy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    try {
      const response = await answer(`${link.slice(PREFIX.length)}?format=html`, { headers: { Accept: "*/*" } });
      save(await response.blob(), `report-${job.id}.html`);
    } catch (error) {
      toast((error as Error).message, "bad");
    }
    setBusy(false);
  };
  return (
    <Button tone="primary" icon="download" busy={busy} onClick={() => void take()}>
      {words().saveReport}
    </Button>
  );
}

/** Where its result is looked at. */
function Onward({ job }: { job: Job }) {
  const said = words();
  if (isReported(job.kind) && job.state !== "failed" && job.state !== "cancelled") {
    return (
      <Link class="button primary" to={`/campaigns/${encodeURIComponent(job.id)}`}>
        {said.report}
      </Link>
    );
  }
  if (PAGED.has(job.kind) && job.links.report !== null && job.state === "succeeded") return <SaveReport job={job} link={job.links.report} />;
  if (job.links.records !== null && job.state === "succeeded") {
    return (
      <Link class="button primary" to={`/records?job=${encodeURIComponent(job.id)}`}>
        {said.records}
      </Link>
    );
  }
  return null;
}

const TONES = { queued: "still", running: "accent", succeeded: "good", failed: "bad", cancelled: "still" } as const;

function State({ job }: { job: Job }) {
  const said = words();
  const { error, progress } = job;
  const ended = isFinal(job.state);
  const barred = !ended || progress.total > 0;
  if (!barred && progress.message === "" && error === null && job.tags.length === 0) return null;
  return (
    <section class="card job-state" aria-label={said.state}>
      {barred && <Progress done={progress.done} total={progress.total} label={said.progress} tone={TONES[job.state]} />}
      {progress.message !== "" && <p class="dim small">{progress.message}</p>}
      {error && (
        <div class="job-error">
          <p>{error.message}</p>
          <p class="small dim">
            <span class="mono">{error.code}</span>
            {error.field !== null && (
              <>
                {" · "}
                {said.field} <span class="mono">{error.field}</span>
              </>
            )}
            {error.reason !== null && (
              <>
                {" · "}
                {said.reason} <span class="mono">{error.reason}</span>
              </>
            )}
          </p>
        </div>
      )}
      {job.tags.length > 0 && (
        <div class="row">
          {job.tags.map((tag) => (
            <Link class="tag" key={tag} to={`/jobs?tag=${encodeURIComponent(tag)}`} title={tag}>
              {tag}
            </Link>
          ))}
        </div>
      )}
    </section>
  );
}

function Timings({ job }: { job: Job }) {
  const said = words();
  const { timings } = job;
  return (
    <dl class="facts">
      <Fact name={said.submitted}>
        <Moment at={timings.submitted_at} />
      </Fact>
      <Fact name={said.started}>{timings.started_at === null ? "–" : <Moment at={timings.started_at} />}</Fact>
      <Fact name={said.finished}>{timings.finished_at === null ? "–" : <Moment at={timings.finished_at} />}</Fact>
      <Fact name={said.queuedFor}>{timings.queued_s === null ? "–" : duration(timings.queued_s)}</Fact>
      <Fact name={said.ran}>{timings.ran_s === null ? "–" : duration(timings.ran_s)}</Fact>
      <Fact name={said.attempts}>{number(job.attempts)}</Fact>
      <Fact name={said.priority}>{number(job.priority)}</Fact>
      {job.worker !== null && (
        <Fact name={said.worker}>
          <span class="mono">{job.worker}</span>
        </Fact>
      )}
      {job.deadline_at !== null && (
        <Fact name={said.deadline}>
          <Moment at={job.deadline_at} />
        </Fact>
      )}
      {job.retry_of !== null && (
        <Fact name={said.retryOf}>
          <JobLink id={job.retry_of} />
        </Fact>
      )}
      {job.parent !== null && (
        <Fact name={said.parent}>
          <JobLink id={job.parent} />
        </Fact>
      )}
    </dl>
  );
}

function JobLink({ id }: { id: string }) {
  return (
    <Link class="mono" to={`/jobs/${encodeURIComponent(id)}`} title={id}>
      {shortId(id)}
    </Link>
  );
}
