/** A calibration: whether a power model holds for what was measured, by class of instruction and by instruction. */

import { call, path } from "../../api/client";
import type { Job } from "../../api/types";
import { Badge } from "../../design/badge";
import { Card } from "../../design/card";
import { CopyButton } from "../../design/copy";
import { ErrorPanel } from "../../design/error-panel";
import { Facts } from "../../design/facts";
import { Loading } from "../../design/skeleton";
import { Table } from "../../design/table";
import { number, significant } from "../../i18n/format";
import { Link } from "../../router";
import { useResource } from "../../state/resource";
import { CalibratedRows } from "./calibrated-rows";
import "./outcomes.css";
import { Warnings, orDash } from "./parts";
import type { Calibration, ClassFit } from "./types";
import { words } from "./words";

export default function CalibrationOutcome({ job }: { job: Job }) {
  const found = useResource((signal) => call<Calibration>(path(["calibrations", job.id]), { signal }), [job.id]);
  if (found.error) return <ErrorPanel error={found.error} onRetry={found.reload} />;
  return found.value === undefined ? <Loading /> : <Shown found={found.value} />;
}

function Shown({ found }: { found: Calibration }) {
  const said = words();
  const { verdict, model, request, unit } = found;
  return (
    <div class="outcome stack">
      <Card
        title={said.calibration}
        note={`${model.name}: ${verdict.why}.`}
        actions={<Badge tone={verdict.calibration === "calibrated" ? "good" : "warm"}>{said.calibrated(verdict.calibration)}</Badge>}
      >
        <Facts
          facts={[
            [said.measuredTraces, <Link key="c" to={`/jobs/${encodeURIComponent(request.campaign)}`}>{said.usedAndLeft(number(found.traces), number(found.left_out))}</Link>],
            [said.instructionsOnPath, number(found.instructions_total)],
            [said.heldOutR2, found.r2 === null ? said.nothingVaried : number(found.r2, 3)],
            [said.noiseLeft, `${significant(found.noise_sigma, 4)} ${unit}`],
            [said.scale, significant(found.scale, 4)],
            [said.level, significant(found.level)],
            [
              said.modelForCampaigns,
              model.artifact === null ? (
                said.notStored
              ) : (
                <>
                  <span class="mono">{model.artifact.slice(0, 19)}…</span> <CopyButton text={model.artifact} />
                </>
              ),
            ],
          ]}
        />
        <Warnings texts={found.warnings} />
      </Card>
      <Classes found={found} />
      <CalibratedRows found={found} />
    </div>
  );
}

/** The regression of each class: mean power, one coefficient for each kind of activity, and what it explains elsewhere. */
function Classes({ found }: { found: Calibration }) {
  const said = words();
  const names = [...new Set(found.classes.flatMap((one) => Object.keys(one.coefficients)))];
  return (
    <Card title={said.byClass} note={said.byClassNote(found.unit)} flush>
      <Table
        caption={said.byClass}
        rows={found.classes}
        keyOf={(one) => one.kind}
        columns={[
          {
            name: "kind",
            head: said.instructionClass,
            cell: (one: ClassFit) => (
              <>
                <b>{said.className(one.kind)}</b>
                {one.absent !== null && <div class="small dim">{said.ofAllClasses(one.absent)}</div>}
              </>
            ),
          },
          { name: "instructions", head: said.instructions, numeric: true, cell: (one) => number(one.instructions) },
          { name: "base", head: said.base, numeric: true, cell: (one) => orDash(one.base, 3) },
          ...names.map((name) => ({ name, head: said.coefficient(name), numeric: true, cell: (one: ClassFit) => <Coefficient of={one.coefficients[name] ?? null} /> })),
          { name: "r2", head: said.heldOutR2, numeric: true, cell: (one) => orDash(one.r2, 3) },
        ]}
      />
    </Card>
  );
}

function Coefficient({ of }: { of: ClassFit["coefficients"][string] }) {
  const said = words();
  if (of === null || of === undefined) return <span class="dim">–</span>;
  return (
    <>
      {number(of.value, 4)}
      <div class="small dim">{of.standard_error === null ? said.notTold : `± ${number(of.standard_error, 4)}`}</div>
    </>
  );
}
