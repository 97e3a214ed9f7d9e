/** How much the verdict can be relied on, how it was computed, and what was left out. */

import { Card } from "../../../design/card";
import { CopyButton } from "../../../design/copy";
import { Facts } from "../../../design/facts";
import { Icon } from "../../../design/icon";
import { Json } from "../../../design/json";
import { bytes, duration, number } from "../../../i18n/format";
import type { Report } from "../types";
import { words } from "../words";

export function Sufficiency({ report }: { report: Report }) {
  const said = words();
  const { sufficiency, warnings, excluded } = report;
  return (
    <Card title={said.reliance}>
      <div class="stack-small">
        <p class={`campaign-note ${sufficiency.sufficient ? "good" : "warm"}`}>
          <Icon name={sufficiency.sufficient ? "check" : "alert"} />
          <span>
            <b>{sufficiency.sufficient ? said.sufficient : said.notSufficient}</b> {sufficiency.why}
          </span>
        </p>
        {warnings.map((warning) => (
          <p class="campaign-note warm" key={warning}>
            <Icon name="alert" />
            <span>{warning}</span>
          </p>
        ))}
        {absences(report).map((text) => (
          <p class="campaign-note" key={text}>
            <Icon name="minus" />
            <span>{text}</span>
          </p>
        ))}
        {excluded.map((item) => (
          <p class="campaign-note" key={item.place}>
            <Icon name="minus" />
            <span>
              <span class="mono">{item.place}</span> {said.excluded(item.reason, number(item.samples), number(item.leaking_samples))}
            </span>
          </p>
        ))}
      </div>
    </Card>
  );
}

/** What there is not, and why: of pairs and secrets only where the campaign asked for them. */
export function absences(report: Pick<Report, "request" | "tvla_absent" | "cpa_absent" | "bivariate" | "bivariate_absent" | "secrets" | "secrets_absent">): string[] {
  const said = words();
  const { request, tvla_absent, cpa_absent, bivariate_absent, secrets_absent } = report;
  const asked = (name: string) => (request[name] ?? null) !== null;
  return [
    tvla_absent && said.noTvla(tvla_absent),
    cpa_absent && said.noCpa(cpa_absent),
    asked("bivariate") && !report.bivariate && said.noBivariate(bivariate_absent ?? said.notToldBefore),
    asked("constant_time") && !report.secrets && said.noSecrets(secrets_absent ?? said.notToldBefore),
  ].filter((text): text is string => typeof text === "string" && text !== "");
}

export function Method({ report }: { report: Report }) {
  const said = words();
  const { alignment, engine, execution, firmware, measured, power, timings, tvla } = report;
  const facts: [string, string | null][] = [
    [said.core, firmware && firmware.core],
    [said.engine, measured ? null : [engine.name, engine.version].filter(Boolean).join(" ")],
    [said.inLanes, execution ? said.lanesOf(number(execution.lanes), number(report.traces)) : null],
    [said.checked, execution && execution.lanes > 0 ? said.checkedOf(number(execution.checked)) : null],
    [said.doneAgain, execution && execution.again > 0 ? number(execution.again) : null],
    [said.path, measured && !measured.mapped ? null : said.pathOf(number(alignment.compared_instructions), number(alignment.path_instructions))],
    [said.samples, measured ? number(alignment.samples) : `${number(alignment.samples)} · ${said.sampling(power.sampling)}`],
    [said.powerModel, measured ? null : `${power.model} (${said.calibration(power.calibration)})`],
    [said.noise, measured ? null : [`${number(power.noise_sigma, 3)} ${power.unit}`, power.noise ? said.noiseDrawn(power.noise) : ""].filter(Boolean).join(", ")],
    [said.sets, tvla && `${number(tvla.traces_fixed)} + ${number(tvla.traces_random)}`],
    [said.corrected, tvla && number(tvla.corrected_threshold, 2)],
    [said.smallest, tvla?.minimum_effect == null ? null : `${number(tvla.minimum_effect, 3)} σ`],
    [said.executing, measured ? null : duration(timings.execute_s)],
    [said.statistics, duration(timings.statistics_s)],
    [said.merging, measured ? null : duration(timings.merge_s)],
    [said.speed, `${number(timings.traces_per_s)}/s`],
    [said.firmwareSize, firmware && bytes(firmware.bytes)],
  ];
  return (
    <Card title={said.method}>
      <Facts facts={facts} />
      {execution && (
        <p class="small dim">
          {said.whyEngine}: {execution.why}
        </p>
      )}
      <dl class="campaign-digests">
        <div>
          <dt>{said.digest}</dt>
          <dd>
            <span class="mono">{report.digest}</span> <CopyButton text={report.digest} />
          </dd>
        </div>
        {firmware && (
          <div>
            <dt>{said.firmwareDigest}</dt>
            <dd>
              <span class="mono">{firmware.sha256}</span> <CopyButton text={firmware.sha256} />
            </dd>
          </div>
        )}
      </dl>
      <details class="campaign-details">
        <summary>{said.request}</summary>
        <Json value={report.request} label={said.request} />
      </details>
    </Card>
  );
}
