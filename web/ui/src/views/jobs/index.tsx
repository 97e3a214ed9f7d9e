/** All jobs, live. */

import { useState } from "preact/hooks";

import { submitJob } from "../../api/jobs";
import { Button } from "../../design/button";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { PageHead } from "../../design/page-head";
import { Skeleton } from "../../design/skeleton";
import { useMedia } from "../../design/use-media";
import { VirtualRows } from "../../design/virtual-rows";
import { actions } from "../../i18n/actions";
import { places } from "../../i18n/places";
import { number } from "../../i18n/format";
import { Link, currentQuery } from "../../router";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { Filters, clearFilters, filterOf, isFiltered } from "./filters";
import "./jobs.css";
import { Row } from "./row";
import { useJobs } from "./use-jobs";
import { words } from "./words";

const ROW = 46;
const TALL_ROW = 88;

export default function JobsView() {
  const said = words();
  const filter = filterOf(currentQuery.value);
  const jobs = useJobs(filter);
  const narrow = useMedia("(max-width: 860px)");
  const { list } = jobs;
  const none = list !== undefined && list.jobs.length === 0 && list.cursor === null;
  return (
    <div class="jobs">
      <PageHead title={places().jobs} actions={<Start />} />
      <section class="card jobs-card">
        <div class="jobs-bar">
          <Filters />
          <span class="dim small jobs-count">{list && said.shown(number(list.jobs.length), list.cursor !== null)}</span>
        </div>
        {list === undefined && jobs.error === undefined && <Skeleton lines={12} />}
        {list === undefined && jobs.error && (
          <div class="card-body">
            <ErrorPanel error={jobs.error} onRetry={jobs.reload} />
          </div>
        )}
        {none && <Nothing filtered={isFiltered(filter)} />}
        {list && !none && (
          <VirtualRows
            label={said.list}
            rows={list.jobs}
            keyOf={(job) => job.id}
            rowHeight={narrow ? TALL_ROW : ROW}
            head={<Head />}
            row={(job) => <Row job={job} onChanged={jobs.put} />}
            unfinished={list.cursor !== null}
            onEnd={jobs.more}
            onSeen={jobs.watch}
            foot={list.cursor !== null && <Foot error={jobs.error} onRetry={jobs.more} />}
          />
        )}
      </section>
    </div>
  );
}

function Head() {
  const said = words();
  const heads = [
    ["state", said.state],
    ["name", said.job],
    ["what", said.progress],
    ["tags", said.tags],
    ["when", said.submitted],
    ["took num", said.took],
  ] as const;
  return (
    <>
      {heads.map(([name, text]) => (
        <div role="columnheader" key={name} class={`jobs-${name}`}>
          {text}
        </div>
      ))}
      <div role="columnheader" class="jobs-actions">
        <span class="sr">{said.actions}</span>
      </div>
    </>
  );
}

function Foot({ error, onRetry }: { error: Error | undefined; onRetry: () => void }) {
  const said = words();
  return (
    <div class="jobs-foot dim small">
      {error === undefined ? said.loadingMore : said.moreFailed}
      {error && (
        <Button small icon="retry" onClick={onRetry}>
          {actions().tryAgain}
        </Button>
      )}
    </div>
  );
}

function Start() {
  const said = words();
  return (
    <>
      {may("submit_job") && <Ping />}
      {may("submit_campaign") && (
        <Link to="/campaigns/new" class="button primary">
          {said.newCampaign}
        </Link>
      )}
    </>
  );
}

function Ping() {
  const [busy, setBusy] = useState(false);
  const ping = async () => {
    setBusy(true);
    try {
      await submitJob("ping", {});
      toast(words().pinged, "good");
    } catch (error) {
      toast((error as Error).message, "bad");
    }
    setBusy(false);
  };
  return (
    <Button busy={busy} title={words().pingHint} onClick={ping}>
      {words().ping}
    </Button>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const said = words();
  if (filtered) {
    return (
      <Empty icon="search" title={said.noneTitle}>
        <p>{said.noneText}</p>
        <Button onClick={clearFilters}>{said.clear}</Button>
      </Empty>
    );
  }
  return (
    <Empty icon="jobs" title={said.emptyTitle}>
      <p>{said.emptyText}</p>
    </Empty>
  );
}
