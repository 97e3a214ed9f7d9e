/** What was found, worst first; each leads to its place in the code and in the waveform. */

import { useState } from "preact/hooks";

import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { number, percent } from "../../../i18n/format";
import type { Finding, Report, Severity } from "../types";
import { lineText, placeText, spotText } from "../wave/code-map";
import type { Wave } from "../wave/state";
import { words } from "../words";
import { Parted } from "./constant-time";
import { SEVERITIES, SeverityMark } from "./verdict";

const STEP = 40;

export function Findings({ report, wave, onShow }: { report: Report; wave: Wave; onShow: () => void }) {
  const said = words();
  const [least, setLeast] = useState<Severity | null>(null);
  const [shown, setShown] = useState(STEP);
  const counts = new Map<Severity, number>();
  for (const { severity } of report.findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  const chosen = least === null ? report.findings : report.findings.filter((finding) => finding.severity === least);
  return (
    <Card title={said.findings} note={said.findingsNote(number(report.findings.length))} flush>
      {report.findings.length === 0 ? (
        <p class="campaign-quiet dim">{said.noFindings}</p>
      ) : (
        <>
          <div class="finding-filter row" role="group" aria-label={said.bySeverity}>
            {SEVERITIES.filter((severity) => counts.has(severity)).map((severity) => (
              <button
                type="button"
                class="chip"
                key={severity}
                aria-pressed={least === severity}
                onClick={() => {
                  setLeast(least === severity ? null : severity);
                  setShown(STEP);
                }}
              >
                <SeverityMark severity={severity} /> {number(counts.get(severity) ?? 0)}
              </button>
            ))}
          </div>
          <ol class="finding-list" tabIndex={0} aria-label={said.findings}>
            {chosen.slice(0, shown).map((finding, at) => (
              <li key={`${finding.kind}-${finding.place.address}-${finding.secret ?? ""}-${at}`}>
                <FindingItem
                  finding={finding}
                  onPress={() => {
                    wave.curve.value = finding.kind === "cpa" ? "rho" : finding.kind === "tvla-2" ? "t2" : "t1";
                    wave.pin({ addresses: [finding.place.address], name: spotText(finding.place), sample: finding.sample });
                    onShow();
                  }}
                />
              </li>
            ))}
          </ol>
          {chosen.length > shown && (
            <div class="finding-more">
              <Button tone="quiet" small icon="down" onClick={() => setShown(shown + 5 * STEP)}>
                {said.moreFindings(number(chosen.length - shown))}
              </Button>
            </div>
          )}
        </>
      )}
    </Card>
  );
}

function FindingItem({ finding, onPress }: { finding: Finding; onPress: () => void }) {
  const said = words();
  const { place } = finding;
  return (
    <button type="button" class="finding" onClick={onPress} title={finding.title}>
      <span class="finding-top">
        <SeverityMark severity={finding.severity} />
        <b>{said.findingKind(finding.kind, finding.secret)}</b>
        <span class="finding-value">{valueText(finding)}</span>
      </span>
      <span class="mono finding-code">
        {placeText(place)}
      </span>
      <span class="dim small">
        {[place.function, lineText(place), finding.samples > 1 ? said.samplesOf(number(finding.samples)) : null].filter(Boolean).join(" · ")}
        {!finding.sufficient && ` · ${said.notSure}`}
        {finding.traces_needed !== null && ` · ${said.seenFrom(number(finding.traces_needed))}`}
      </span>
      {finding.partner && (
        <>
          <span class="mono finding-code">
            {said.together} {placeText(finding.partner)}
          </span>
          <span class="dim small">{[finding.partner.function, lineText(finding.partner)].filter(Boolean).join(" · ")}</span>
        </>
      )}
      {finding.parting && finding.parting.length > 0 && <Parted parting={finding.parting} />}
    </button>
  );
}

export function valueText({ statistic, value }: Pick<Finding, "statistic" | "value">): string {
  if (statistic === "executions") return value === null ? "" : percent(value, 1);
  const name = statistic === "t" ? "t" : "ρ";
  if (value === null) return `${name} ∞`;
  return `${name} ${number(value, statistic === "t" ? 1 : 3)}`;
}
