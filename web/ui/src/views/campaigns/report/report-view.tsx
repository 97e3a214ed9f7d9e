/** A campaign: what it shows while it runs, and its report, in one layout that does not move when one becomes the other. */

import { useEffect, useMemo, useRef } from "preact/hooks";

import { type Job, isFinal, isReported } from "../../../api/types";
import { Badge } from "../../../design/badge";
import { StateBadge } from "../../../design/badge";
import { Card } from "../../../design/card";
import { Empty } from "../../../design/empty";
import { ErrorPanel } from "../../../design/error-panel";
import { PageHead } from "../../../design/page-head";
import { Progress } from "../../../design/progress";
import { Loading, Skeleton } from "../../../design/skeleton";
import { useMedia } from "../../../design/use-media";
import { number } from "../../../i18n/format";
import { Link, currentQuery, navigate } from "../../../router";
import { may } from "../../../state/session";
import { Actions } from "../../jobs/actions";
import { ComparePanel } from "../compare/panel";
import type { Report } from "../types";
import { type Campaign, useCampaign } from "../use-campaign";
import { codeOfPath, codeOfReport } from "../wave/code-map";
import { frameOfPartial, frameOfReport } from "../wave/curves";
import { Wave } from "../wave/state";
import { Waveform } from "../wave/waveform";
import { words } from "../words";
import { AsTable } from "./as-table";
import { CodeCard } from "./code";
import { ConstantTimeCard } from "./constant-time";
import { SecretsCard } from "./secrets";
import { Findings } from "./findings";
import { KeyCard, LiveRanks } from "./key";
import { ReportMenu } from "./menu";
import { MeasuredCard } from "./measured";
import { Method, Sufficiency } from "./method";
import { PairsCard } from "./pairs";
import { LiveSummary, Summary } from "./summary";
import { SweepCard } from "./sweep-card";
import { ManyTestsCard } from "./tests";
import { VerdictPill } from "./verdict";

export function ReportView({ id }: { id: string }) {
  const said = words();
  const campaign = useCampaign(id);
  const { job, report, error } = campaign;
  if (job === undefined) {
    return (
      <>
        <PageHead title={said.campaign} />
        {error ? <ErrorPanel error={error} onRetry={campaign.reload} /> : <Loading />}
      </>
    );
  }
  if (!isReported(job.kind)) {
    return (
      <>
        <PageHead title={said.campaign} />
        <div class="card">
          <Empty icon="campaigns" title={said.notACampaign}>
            <Link class="button" to={`/jobs/${encodeURIComponent(id)}`}>
              {said.showJob}
            </Link>
          </Empty>
        </div>
      </>
    );
  }
  const isMeasured = job.kind === "simulation.import";
  const name = nameOf(job, report) || (isMeasured ? said.measuredTraces : said.unnamed);
  return (
    <div class="campaign stack">
      <PageHead
        title={name}
        lead={report ? report.headline : leadOf(campaign)}
        actions={
          <>
            {isMeasured && <Badge tone="accent">{said.measured}</Badge>}
            {report ? <VerdictPill verdict={report.verdict} /> : <StateBadge state={job.state} stopping={job.cancel_requested} />}
            <Actions job={job} onChanged={campaign.put} onRetried={(again) => navigate(`/campaigns/${encodeURIComponent(again.id)}`)} />
            {isFinal(job.state) && !isMeasured && may("submit_campaign") && (
              <Link class="button" to={`/campaigns/new?from=${encodeURIComponent(id)}`}>
                {said.again}
              </Link>
            )}
            {report && <ReportMenu job={job} report={report} />}
          </>
        }
      />
      {error && <ErrorPanel error={error} title={said.noReport} onRetry={campaign.reload} />}
      {job.state === "failed" && <Failed job={job} />}
      {job.state === "cancelled" && <Cancelled job={job} />}
      {report ? <Ended report={report} batch={job.batch} /> : !isFinal(job.state) || job.state === "succeeded" ? isMeasured ? <Importing job={job} /> : <Running campaign={campaign} job={job} /> : null}
    </div>
  );
}

function Ended({ report, batch }: { report: Report; batch: string | null }) {
  const said = words();
  const base = useMemo(() => frameOfReport(report), [report]);
  const unknown = report.firmware === null ? said.codeUnknown : null;
  const code = useMemo(() => codeOfReport(report, unknown), [report, unknown]);
  const wave = useMemo(() => {
    const made = new Wave(report.alignment.samples);
    if (report.tvla === null) made.curve.value = report.cpa === null ? "t1" : "rho";
    if (report.tvla === null && report.cpa !== null) made.heat.value = "rho";
    return made;
  }, [report]);
  const codeAt = useRef<HTMLDivElement>(null);
  const narrow = useMedia("(max-width: 1100px)");
  const other = currentQuery.value.get("with");
  const showCode = () => narrow && codeAt.current?.scrollIntoView({ block: "start" });
  const limits = { t: report.tvla?.threshold ?? null, corrected: report.tvla?.corrected_threshold ?? null, rho: report.cpa?.noise_floor ?? null };
  return (
    <>
      <Summary report={report} />
      {report.verdict === "insufficient" && <Insufficient report={report} />}
      {report.verdict === "fault" && <Faulted report={report} />}
      {other !== null && <ComparePanel report={report} other={other} />}
      <Card title={said.waveform} note={said.waveNote(base.stride === 1, number(report.alignment.samples), number(base.stride))} flush>
        {report.alignment.samples === 0 ? (
          <Empty icon="campaigns" title={said.noSamples}>
            <p>{report.tvla_absent}</p>
          </Empty>
        ) : (
          <Waveform wave={wave} base={base} code={code} limits={limits} unit={report.power.unit} id={report.campaign} absent={report.tvla_absent}>
            <AsTable report={report} base={base} code={code} />
          </Waveform>
        )}
      </Card>
      <div class="campaign-columns">
        <Findings report={report} wave={wave} onShow={showCode} />
        <div ref={codeAt} class="campaign-code">
          <CodeCard report={report} wave={wave} base={base} />
        </div>
      </div>
      {report.cpa !== null && <KeyCard report={report} cpa={report.cpa} wave={wave} />}
      {report.measured && <MeasuredCard measured={report.measured} />}
      <ManyTestsCard report={report} />
      {batch !== null && <SweepCard batch={batch} campaign={report.campaign} threshold={report.tvla?.threshold ?? 4.5} />}
      <PairsCard report={report} wave={wave} onShow={showCode} />
      <SecretsCard report={report} wave={wave} onShow={showCode} />
      <ConstantTimeCard report={report} wave={wave} onShow={showCode} />
      <div class="campaign-halves">
        <Sufficiency report={report} />
        <Method report={report} />
      </div>
    </>
  );
}

function Running({ campaign, job }: { campaign: Campaign; job: Job }) {
  const said = words();
  const { told, path, key } = campaign;
  const wave = useMemo(() => new Wave(path?.samples ?? 1), []);
  useEffect(() => {
    if (path !== null) wave.resize(path.samples);
  }, [path, wave]);
  const base = useMemo(() => frameOfPartial(path, told), [path, told]);
  const code = useMemo(() => (path === null ? null : codeOfPath(path)), [path]);
  return (
    <>
      <LiveSummary campaign={campaign} job={job} />
      <Card title={said.waveform} note={base === null ? said.waveSoon : said.waveLive(number(path?.stride ?? 1), number(told?.traces ?? 0))} flush>
        {base === null || code === null || path === null ? (
          <div class="wave-waiting" aria-busy="true">
            <Skeleton lines={8} />
          </div>
        ) : (
          <Waveform wave={wave} base={base} code={code} limits={{ t: 4.5, corrected: null, rho: null }} unit={path.unit} id={null} />
        )}
      </Card>
      {key && <LiveRanks ranks={key} />}
      {!key && (
        <div class="card">
          <Empty icon="clock" title={job.state === "queued" ? said.waitsForWorker : said.reportFollows}>
            <p>{job.state === "queued" ? said.waitsText : said.reportFollowsText}</p>
          </Empty>
        </div>
      )}
    </>
  );
}

/** Measured traces have nothing to show before their report. */
function Importing({ job }: { job: Job }) {
  const said = words();
  return (
    <div class="card">
      <Empty icon="clock" title={job.state === "queued" ? said.waitsForWorker : said.importing}>
        <p>{job.state === "queued" ? said.waitsText : said.importingText}</p>
      </Empty>
    </div>
  );
}

function Failed({ job }: { job: Job }) {
  const said = words();
  const { error } = job;
  return (
    <section class="card campaign-end bad" role="alert">
      <h2>{said.failedTitle}</h2>
      <p>{error?.message}</p>
      <p class="small dim">
        <span class="mono">{error?.code}</span>
        {error?.field && (
          <>
            {" · "}
            {said.inField} <span class="mono">{error.field}</span>
          </>
        )}
        {error?.reason && (
          <>
            {" · "}
            <span class="mono">{error.reason}</span>
          </>
        )}
      </p>
      {job.kind === "campaign" && may("submit_campaign") && (
        <Link class="button primary" to={`/campaigns/new?from=${encodeURIComponent(job.id)}`}>
          {said.correct}
        </Link>
      )}
    </section>
  );
}

function Cancelled({ job }: { job: Job }) {
  const said = words();
  return (
    <section class="card campaign-end">
      <h2>{said.cancelledTitle}</h2>
      <p>{said.cancelledText(number(job.progress.done), number(job.progress.total))}</p>
      <Progress done={job.progress.done} total={job.progress.total} label={said.progress} tone="still" />
    </section>
  );
}

function Insufficient({ report }: { report: Report }) {
  const said = words();
  const more = tracesFor(report);
  return (
    <section class="card campaign-end warm">
      <h2>{said.insufficientTitle}</h2>
      <p>{report.sufficiency.why}</p>
      {more !== null && !report.measured && may("submit_campaign") && (
        <Link class="button" to={`/campaigns/new?from=${encodeURIComponent(report.campaign)}&traces=${more}`}>
          {said.moreTraces(number(more))}
        </Link>
      )}
    </section>
  );
}

/** Return how many traces would show the effect that was asked for; null where more of them would not help. */
export function tracesFor(report: Report): number | null {
  const [seen, asked] = [report.tvla?.minimum_effect, report.request.minimum_effect];
  if (seen == null || typeof asked !== "number" || seen <= asked) return null;
  const needed = report.traces * (seen / asked) ** 2;
  const step = 10 ** Math.floor(Math.log10(needed));
  return Math.ceil((needed * 1.05) / (step / 10)) * (step / 10);
}

/** Executions that did not end well are the first thing to look at. */
function Faulted({ report }: { report: Report }) {
  const said = words();
  const faults = report.findings.filter((finding) => finding.kind === "fault" || finding.kind === "budget");
  return (
    <section class="card campaign-end warm">
      <h2>{said.faultTitle(number(report.alignment.faulted_traces), number(report.traces))}</h2>
      <ul class="stack-small">
        {faults.slice(0, 3).map((finding) => (
          <li key={finding.place.address}>{finding.title}</li>
        ))}
      </ul>
      {may("submit_campaign") && (
        <Link class="button" to={`/campaigns/new?from=${encodeURIComponent(report.campaign)}`}>
          {said.correct}
        </Link>
      )}
    </section>
  );
}

function nameOf(job: Job, report: Report | undefined): string {
  if (report) return report.request.name;
  const name = job.params?.name;
  return typeof name === "string" ? name : "";
}

function leadOf({ told, job, broken }: Campaign): string {
  const said = words();
  if (broken) return said.reconnecting;
  if (job?.state === "queued") return said.queuedLead;
  if (job !== undefined && isFinal(job.state)) return job.state === "succeeded" ? said.readingReport : "";
  if (job?.kind === "simulation.import") return said.taking;
  if (told?.max_abs_t === undefined) return said.startedLead;
  const height = told.max_abs_t === null ? "∞" : number(told.max_abs_t, 1);
  return (told.over_threshold ?? 0) > 0 ? said.overSoFar(height, number(told.over_threshold ?? 0)) : said.cleanSoFar(height);
}
