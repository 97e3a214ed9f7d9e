/** The figures that one looks at first: the same places while it runs and afterwards. */

import type { ComponentChildren } from "preact";

import type { Job } from "../../../api/types";
import { Progress } from "../../../design/progress";
import { duration, number } from "../../../i18n/format";
import type { Report } from "../types";
import type { Campaign } from "../use-campaign";
import { words } from "../words";

export function Summary({ report }: { report: Report }) {
  const said = words();
  const { tvla, cpa } = report;
  const recovered = cpa === null ? null : `${cpa.recovered ?? cpa.confident}/${cpa.bytes.length}`;
  const height = tvla === null ? "–" : tvla.max_abs_t1 === null ? "∞" : number(tvla.max_abs_t1, 1);
  const leaking = tvla === null ? null : number(tvla.leaking_samples_1);
  return (
    <section class="card figures" aria-label={said.summary}>
      <Figure name={said.traces} note={`${number(report.timings.traces_per_s)}/s ${said.perCore}`}>
        {number(report.traces)}
      </Figure>
      <Figure name={said.largestT} note={leaking === null ? report.tvla_absent : said.samplesConfirmed(leaking)} hot={tvla !== null && (tvla.max_abs_t1 ?? Infinity) > tvla.threshold}>
        {height}
      </Figure>
      <Figure name={said.keyBytes} note={cpa === null ? report.cpa_absent : cpa.key_known ? said.knownKey : said.unknownKey} hot={(cpa?.recovered ?? cpa?.confident ?? 0) > 0}>
        {recovered ?? "–"}
      </Figure>
      <Figure name={said.findings} note={said.worstIs(report.findings[0]?.severity ?? null)} hot={report.findings[0]?.severity === "critical"}>
        {number(report.findings.length)}
      </Figure>
      <Figure name={said.samples} note={report.measured ? said.samplesNote(number(report.measured.samples)) : report.alignment.kind === "full" ? said.onePath : said.commonPrefix(number(report.alignment.diverged_traces))}>
        {number(report.alignment.samples)}
      </Figure>
      <Figure name={said.took} note={report.measured ? said.notExecuted : said.simulated(duration(report.timings.execute_s))}>
        {duration(report.timings.execute_s + report.timings.statistics_s + report.timings.merge_s)}
      </Figure>
      <div class="figures-progress">
        <Progress done={report.traces} total={report.traces} label={said.progress} tone="good" />
      </div>
    </section>
  );
}

export function LiveSummary({ campaign, job }: { campaign: Campaign; job: Job }) {
  const said = words();
  const { told, key, path, tracesPerS } = campaign;
  const { done, total } = job.progress;
  const known = told?.max_abs_t !== undefined;
  const height = !known ? "–" : told?.max_abs_t === null ? "∞" : number(told?.max_abs_t ?? 0, 1);
  const left = tracesPerS && total > done ? (total - done) / tracesPerS : null;
  return (
    <section class="card figures live" aria-label={said.summary}>
      <Figure name={said.traces} note={tracesPerS === null ? said.ofTraces(number(total)) : `${number(tracesPerS)}/s`}>
        {number(done)}
      </Figure>
      <Figure name={said.largestT} note={known ? said.samplesOver(number(told?.over_threshold ?? 0)) : said.soon} hot={(told?.over_threshold ?? 0) > 0}>
        {height}
      </Figure>
      <Figure name={said.keyBytes} note={key ? said.inOneShard : said.withReport} hot={key !== null && key.ranks.some((rank) => rank === 0)}>
        {key ? `${key.ranks.filter((rank) => rank === 0).length}/${key.ranks.length}` : "–"}
      </Figure>
      <Figure name={said.findings} note={said.withReport}>
        –
      </Figure>
      <Figure name={said.samples} note={(told?.diverged ?? 0) > 0 ? said.commonPrefix(number(told?.diverged ?? 0)) : path ? said.onePath : said.soon}>
        {path ? number(path.samples) : "–"}
      </Figure>
      <Figure name={said.timeLeft} note={said.withoutMerge}>
        {left === null ? "–" : duration(left)}
      </Figure>
      <div class="figures-progress">
        <Progress done={done} total={total} label={said.progress} tone={job.state === "queued" ? "still" : "accent"} />
      </div>
    </section>
  );
}

function Figure({ name, note, hot = false, children }: { name: string; note?: string | null; hot?: boolean; children: ComponentChildren }) {
  return (
    <dl class={`figure ${hot ? "hot" : ""}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
      <dd class="figure-note" title={note ?? undefined}>
        {note}
      </dd>
    </dl>
  );
}
