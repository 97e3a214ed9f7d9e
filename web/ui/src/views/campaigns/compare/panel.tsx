/** This campaign against another one: what is new, what is gone, and both t-traces, one up, one down. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Badge, type BadgeTone } from "../../../design/badge";
import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { ErrorPanel } from "../../../design/error-panel";
import { Icon } from "../../../design/icon";
import { Moment } from "../../../design/moment";
import { Skeleton } from "../../../design/skeleton";
import { number } from "../../../i18n/format";
import { Link, setQuery } from "../../../router";
import { useResource } from "../../../state/resource";
import { compared, report as readReport } from "../calls";
import { valueText } from "../report/findings";
import { SeverityMark, VerdictPill } from "../report/verdict";
import type { Change, ComparedLine, Comparison, Judgement, Report, Side } from "../types";
import { codeOfReport, lineText, placeText } from "../wave/code-map";
import { frameOfReport, thinned } from "../wave/curves";
import { type Mirrored, drawMirror } from "./mirror";
import { palette } from "../wave/palette";
import { words } from "../words";

const TONES: Record<Change, BadgeTone> = { new: "bad", stronger: "bad", gone: "good", weaker: "good", same: "plain" };
const CHANGES: readonly Change[] = ["new", "stronger", "weaker", "gone", "same"];
const JUDGED: Record<Judgement, BadgeTone> = { worse: "bad", better: "good", unchanged: "plain", unknown: "plain" };
const SHOWN = 12;
const POINTS = 1200;

export function ComparePanel({ report, other }: { report: Report; other: string }) {
  const said = words();
  const found = useResource((signal) => compared(report.campaign, other, signal), [report.campaign, other]);
  return (
    <Card
      title={said.compared}
      flush
      actions={
        <Button small tone="quiet" icon="cross" onClick={() => setQuery({ with: null })}>
          {said.endCompare}
        </Button>
      }
    >
      {found.error && (
        <div class="card-body">
          <ErrorPanel error={found.error} title={said.notComparable} onRetry={found.reload} />
        </div>
      )}
      {found.value === undefined && !found.error && <Skeleton lines={10} />}
      {found.value && <Found comparison={found.value} report={report} />}
    </Card>
  );
}

function Found({ comparison, report }: { comparison: Comparison; report: Report }) {
  const said = words();
  const [chosen, choose] = useState<Change | null>(null);
  const [all, showAll] = useState(false);
  const { before, after, counts } = comparison;
  const cut = comparison.findings.length < CHANGES.reduce((sum, change) => sum + counts[change], 0);
  const rows = comparison.findings.filter((item) => (chosen === null ? item.change !== "same" : item.change === chosen));
  return (
    <>
      <div class="sides">
        <SideBox side={before} title={said.before} />
        <span class="side-arrow">
          <Icon name="right" />
          <Badge tone={comparison.trend === "better" ? "good" : comparison.trend === "worse" ? "bad" : "plain"}>{said.trend(comparison.trend)}</Badge>
        </span>
        <SideBox side={after} title={said.after} />
      </div>
      {comparison.warnings.map((warning) => (
        <p class="campaign-note warm compare-warning" key={warning}>
          <Icon name="alert" />
          <span>{warning}</span>
        </p>
      ))}
      <Mirror report={report} before={before} />
      {comparison.lines.length > 0 && <Lines lines={comparison.lines} />}
      <div class="finding-filter row" role="group" aria-label={said.changes}>
        {CHANGES.map((change) => (
          <button type="button" class="chip" key={change} aria-pressed={chosen === change} disabled={counts[change] === 0} onClick={() => choose(chosen === change ? null : change)}>
            <Badge tone={TONES[change]}>{said.change(change)}</Badge> {number(counts[change])}
          </button>
        ))}
      </div>
      <ul class="changed">
        {rows.length === 0 && <li class="campaign-quiet dim">{said.noChanges}</li>}
        {(all ? rows : rows.slice(0, SHOWN)).map((item, at) => {
          const seen = item.after ?? item.before;
          if (seen === null) return null;
          return (
            <li key={at} title={seen.title}>
              <Badge tone={TONES[item.change]}>{said.change(item.change)}</Badge>
              <SeverityMark severity={seen.severity} />
              <span class="mono clip grow">
                {placeText(seen.place)}
              </span>
              <span class="dim small clip">{[seen.place.function, lineText(seen.place)].filter(Boolean).join(" · ")}</span>
              <span class="num">
                {item.before ? valueText(item.before) : "–"} → {item.after ? valueText(item.after) : "–"}
              </span>
            </li>
          );
        })}
      </ul>
      {(rows.length > SHOWN || cut) && (
        <div class="finding-more">
          {!all && rows.length > SHOWN && (
            <Button small tone="quiet" icon="down" onClick={() => showAll(true)}>
              {said.moreFindings(number(rows.length - SHOWN))}
            </Button>
          )}
          {cut && <span class="dim small">{said.comparisonCut}</span>}
        </div>
      )}
    </>
  );
}

/** What a change did to each source line, a sentence each. */
function Lines({ lines }: { lines: readonly ComparedLine[] }) {
  const said = words();
  return (
    <ul class="changed" aria-label={said.changedLines}>
      {lines.slice(0, SHOWN).map((line) => (
        <li key={`${line.function} ${line.file} ${line.line}`}>
          <Badge tone={JUDGED[line.judgement]}>{said.judgement(line.judgement)}</Badge>
          <span class="grow">{line.sentence}</span>
        </li>
      ))}
      {lines.length > SHOWN && <li class="dim small">{said.comparisonCut}</li>}
    </ul>
  );
}

function SideBox({ side, title }: { side: Side; title: string }) {
  const said = words();
  return (
    <div class="side">
      <span class="dim small">{title}</span>
      <span class="row">
        <VerdictPill verdict={side.verdict} small />
        <Link to={`/campaigns/${encodeURIComponent(side.campaign)}`}>{side.name || (side.measured ? said.measuredTraces : said.unnamed)}</Link>
        {side.measured && <Badge tone="accent">{said.measured}</Badge>}
      </span>
      <span class="dim small">
        <Moment at={side.created_at} /> · {number(side.traces)} {said.tracesWord} · {said.findingsNote(number(side.findings))} · max |t| {side.max_abs_t1 === null ? "∞" : number(side.max_abs_t1, 1)}
      </span>
      {side.firmware !== null && (
        <span class="mono small dim clip" title={side.firmware}>
          {side.firmware.slice(0, 16)}
        </span>
      )}
    </div>
  );
}

const NOTHING: Mirrored = { heights: [], open: [] };

/** Largest |t| of each of some points, and which of them are of declared-public code alone. */
function secretOf(report: Report): Mirrored {
  const whole = frameOfReport(report);
  const code = codeOfReport(report);
  const shown = thinned(whole, 0, whole.to, POINTS);
  const every = shown.stride / whole.stride;
  const curve = shown.curves.t1;
  if (curve === undefined) return NOTHING;
  const heights = Array.from(curve.low, (low, at) => Math.max(Math.abs(low), Math.abs(curve.high[at] ?? 0)));
  const open = heights.map((_, at) => {
    const pcs = whole.pcs.subarray(at * every, (at + 1) * every);
    return pcs.length > 0 && pcs.every((pc) => code.isPublic(pc));
  });
  return { heights, open };
}

/** Both t-traces on one axis: this one above, the other mirrored below. */
function Mirror({ report, before }: { report: Report; before: Side }) {
  const said = words();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const theirs = useResource(async (signal) => secretOf(await readReport(before.campaign, signal)), [before.campaign]);
  const ours = useMemo(() => secretOf(report), [report]);
  const colors = palette();
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null && width > 0) drawMirror(canvas.current, ours, theirs.value ?? NOTHING, colors, { above: said.after, below: said.before });
  }, [ours, theirs.value, width, colors, said]);
  if (report.tvla === null) return null;
  return (
    <figure class="mirror">
      <canvas ref={canvas} role="img" aria-label={said.mirrored} />
      <figcaption class="small dim">{said.mirrored}</figcaption>
    </figure>
  );
}
