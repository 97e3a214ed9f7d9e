/** Sequences: the jobs that made them, and the report of one. */

import { call, path } from "../../api/client";
import type { Job, JobsPage } from "../../api/types";
import { StateBadge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Icon } from "../../design/icon";
import { Moment } from "../../design/moment";
import { Loading, Skeleton } from "../../design/skeleton";
import { Table } from "../../design/table";
import { number } from "../../i18n/format";
import { Link, currentQuery } from "../../router";
import { useResource } from "../../state/resource";
import { toast } from "../../state/toasts";
import { report } from "./calls";
import { save } from "./originals";
import { ReportFrame } from "./report-frame";
import { words } from "./words";

export function Sequences() {
  const job = currentQuery.value.get("job");
  return job === null ? <SequenceList /> : <Report key={job} job={job} />;
}

function SequenceList() {
  const said = words();
  const found = useResource((signal) => call<JobsPage>(path(["jobs"], { kind: "remforge.sequence", limit: 50 }), { signal }), []);
  if (found.error) return <ErrorPanel error={found.error} onRetry={found.reload} />;
  if (found.value === undefined) return <Loading />;
  if (found.value.jobs.length === 0) {
    return (
      <div class="card">
        <Empty icon="records" title={said.noSequences}>
          <p>{said.noSequencesText}</p>
        </Empty>
      </div>
    );
  }
  return (
    <Card title={said.sequences} flush>
      <Table
        caption={said.sequences}
        rows={found.value.jobs}
        keyOf={(job) => job.id}
        columns={[
          { name: "since", head: said.since, cell: (job) => <Moment at={job.timings.submitted_at} /> },
          { name: "state", head: said.state, cell: (job) => <StateBadge state={job.state} stopping={job.cancel_requested} /> },
          { name: "files", head: said.files, cell: (job) => <span class="dim list-line">{namesOf(job)}</span> },
          {
            name: "report",
            head: <span class="sr">{said.report}</span>,
            numeric: true,
            cell: (job) =>
              job.state === "succeeded" && (
                <Link class="button small" to={`/records?tab=sequences&job=${encodeURIComponent(job.id)}`}>
                  {said.openReport}
                </Link>
              ),
          },
        ]}
      />
    </Card>
  );
}

/** Return what a job's files are called, as far as its result lists them. */
function namesOf(job: Job): string {
  const files = job.result?.files;
  if (!Array.isArray(files)) return number(job.progress.total);
  return files.map((file) => String((file as { name?: unknown }).name ?? "")).join(", ");
}

function Report({ job }: { job: string }) {
  const said = words();
  const html = useResource(async (signal) => await (await report(job, "html", signal)).text(), [job]);
  const keep = (form: "json" | "csv" | "png" | "html") => async () => {
    try {
      save(await report(job, form), `sequence-${job}.${form}`);
    } catch (error) {
      toast((error as Error).message, "bad");
    }
  };
  return (
    <div class="stack">
      <div class="row">
        <Link class="button" to="/records?tab=sequences">
          <Icon name="left" />
          {said.allSequences}
        </Link>
        <span class="grow" />
        {(["html", "json", "csv"] as const).map((form) => (
          <Button key={form} icon="download" onClick={keep(form)}>
            {form.toUpperCase()}
          </Button>
        ))}
        <Button icon="download" onClick={keep("png")}>
          {said.map}
        </Button>
      </div>
      {html.error && <ErrorPanel error={html.error} onRetry={html.reload} />}
      <div class="card report">
        {html.value !== undefined ? <ReportFrame html={html.value} title={said.reportFrame} /> : !html.error && <Skeleton lines={12} />}
      </div>
    </div>
  );
}
