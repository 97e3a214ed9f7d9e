/** Other levels of noise: the campaigns of the same sweep, side by side. */

import { StateBadge } from "../../../design/badge";
import { Card } from "../../../design/card";
import { LinePlot } from "../../../design/line-plot";
import { around } from "../../../design/plot";
import { Table } from "../../../design/table";
import { number, significant } from "../../../i18n/format";
import { Link } from "../../../router";
import { useResource } from "../../../state/resource";
import { words } from "../words";
import { type Level, sweepOf } from "./sweep";
import { VerdictPill } from "./verdict";

/** Beside a report, and of less use than it: while it is read, and where it cannot be, nothing is shown. */
export function SweepCard({ batch, campaign, threshold }: { batch: string; campaign: string; threshold: number }) {
  const said = words();
  const { value: sweep } = useResource((signal) => sweepOf(batch, signal), [batch]);
  if (!sweep) return null;
  const { levels, left } = sweep;
  return (
    <Card title={said.sweep} note={[said.sweepNote, left > 0 ? said.levelsLeft(number(left)) : ""].filter(Boolean).join(" ")} flush>
      <div class="part-columns">
        <Table
          caption={said.sweep}
          rows={levels}
          keyOf={(level) => level.id}
          columns={[
            { name: "sigma", head: said.noise, numeric: true, cell: (level) => <Sigma level={level} here={level.id === campaign} /> },
            { name: "verdict", head: said.verdictHead, cell: (level) => (level.verdict === null ? <StateBadge state={level.state} /> : <VerdictPill verdict={level.verdict} small />) },
            { name: "t", head: said.tOfOrder("1"), numeric: true, cell: (level) => (level.infinite ? "∞" : orDash(level.maxAbsT, 1)) },
            { name: "findings", head: said.findings, numeric: true, cell: (level) => orDash(level.findings) },
            { name: "key", head: said.keyBytes, numeric: true, cell: (level) => orDash(level.keyBytes) },
          ]}
        />
        <SweepPlot levels={levels} threshold={threshold} />
      </div>
    </Card>
  );
}

function Sigma({ level, here }: { level: Level; here: boolean }) {
  const text = significant(level.sigma, 4);
  return here ? <b aria-current="true">{text}</b> : <Link to={`/campaigns/${encodeURIComponent(level.id)}`}>{text}</Link>;
}

function SweepPlot({ levels, threshold }: { levels: readonly Level[]; threshold: number }) {
  const said = words();
  const x = around(levels.map(({ sigma }) => sigma), true);
  const y = around([threshold, ...levels.map(({ maxAbsT }) => maxAbsT)], true);
  if (x === null || y === null || levels.every(({ maxAbsT }) => maxAbsT === null)) return null;
  return (
    <div class="part-plot">
      <LinePlot
        label={said.sweepPlot}
        curves={[
          { name: said.tOfOrder("1"), tone: "hot", dots: true, points: levels.map(({ sigma, maxAbsT }) => [sigma, maxAbsT]) },
          { name: number(threshold, 2), tone: "trace", dashed: true, points: [[x.low, threshold], [x.high, threshold]] },
        ]}
        x={x}
        y={y}
        xName={said.noise}
        xText={(value) => significant(value)}
        yText={(value) => significant(value)}
      />
    </div>
  );
}

function orDash(value: number | null, digits = 0): string {
  return value === null ? "–" : number(value, digits);
}
