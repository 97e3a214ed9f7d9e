/** What many tests and many looks mean: when a sequential campaign was decided, and the t-tests corrected for their number. */

import { Badge, type BadgeTone } from "../../../design/badge";
import { Card } from "../../../design/card";
import { type Curve, LinePlot } from "../../../design/line-plot";
import { around } from "../../../design/plot";
import { Table } from "../../../design/table";
import { number, probability, significant } from "../../../i18n/format";
import type { Report } from "../types";
import type { Look, Multiplicity, Sequential } from "../types-parts";
import { words } from "../words";

const TONES: Record<Sequential["decided"], BadgeTone> = { leaks: "bad", "control-flow": "bad", clean: "good", "not-decided": "warm" };

export function ManyTestsCard({ report }: { report: Report }) {
  const said = words();
  const sequential = report.sequential ?? null;
  const multiplicity = report.multiplicity ?? null;
  if (sequential === null && multiplicity === null) return null;
  return (
    <Card
      title={said.manyTests}
      note={sequential && decidedText(sequential)}
      flush
      actions={sequential && <Badge tone={TONES[sequential.decided]}>{said.decision(sequential.decided)}</Badge>}
    >
      {sequential && <Looks sequential={sequential} />}
      {multiplicity && <Corrections multiplicity={multiplicity} />}
    </Card>
  );
}

function Looks({ sequential }: { sequential: Sequential }) {
  const said = words();
  const { looks } = sequential;
  return (
    <div class="part-columns">
      <Table
        caption={said.looks}
        rows={looks}
        keyOf={(look) => String(look.traces)}
        columns={[
          { name: "traces", head: said.traces, numeric: true, cell: (look) => number(look.traces) },
          { name: "boundary", head: said.boundary, numeric: true, cell: (look) => `${number(look.boundary, 2)} (p ${probability(look.nominal_p_log10)})` },
          { name: "p", head: said.smallestP, numeric: true, cell: (look) => probability(look.p_log10) },
          { name: "t1", head: said.tOfOrder("1"), numeric: true, cell: (look) => height(look.max_abs_t1) },
          { name: "t2", head: said.tOfOrder("2"), numeric: true, cell: (look) => height(look.max_abs_t2) },
          { name: "crossed", head: said.beyond, numeric: true, cell: (look) => (look.crossed > 0 ? <b class="rank-0">{number(look.crossed)}</b> : "0") },
          { name: "effect", head: said.wouldSee, numeric: true, cell: (look) => (look.minimum_effect === null ? "–" : `${number(look.minimum_effect, 3)} σ`) },
          { name: "spent", head: said.spent, numeric: true, cell: (look) => significant(look.spent) },
        ]}
      />
      {looks.length > 1 && <LooksPlot looks={looks} />}
    </div>
  );
}

function LooksPlot({ looks }: { looks: readonly Look[] }) {
  const said = words();
  const curves: Curve[] = [
    { name: said.tOfOrder("1"), tone: "hot", dots: true, points: looks.map((look) => [look.traces, look.max_abs_t1]) },
    { name: said.tOfOrder("2"), tone: "accent", dots: true, points: looks.map((look) => [look.traces, look.max_abs_t2]) },
    { name: said.boundary, tone: "trace", dashed: true, points: looks.map((look) => [look.traces, look.boundary]) },
  ];
  const y = around(curves.flatMap(({ points }) => points.map(([, value]) => value)), true);
  const x = around(looks.map(({ traces }) => traces));
  if (x === null || y === null) return null;
  return (
    <div class="part-plot">
      <LinePlot label={said.looksPlot} curves={curves} x={x} y={y} xName={said.tracesWord} xText={(value) => number(value)} yText={(value) => significant(value)} />
    </div>
  );
}

function Corrections({ multiplicity }: { multiplicity: Multiplicity }) {
  const said = words();
  const { corrections, orders, tests, uncorrected, by_chance, level } = multiplicity;
  return (
    <div class="part">
      <h3 class="part-title">{said.corrections}</h3>
      <p class="part-note small dim">{said.correctionsNote(number(tests), number(uncorrected), significant(by_chance), significant(level))}</p>
      <Table
        caption={said.corrections}
        rows={corrections}
        keyOf={(one) => one.method}
        columns={[
          { name: "method", head: said.correction, cell: (one) => said.correctionName(one.method) },
          { name: "order1", head: said.samplesOfOrder("1"), numeric: true, cell: (one) => number(one.leaking_samples_1) },
          { name: "order2", head: said.samplesOfOrder("2"), numeric: true, cell: (one) => (orders > 1 ? number(one.leaking_samples_2) : "–") },
          { name: "p", head: said.smallestAdjusted, numeric: true, cell: (one) => probability(one.smallest_p_log10) },
          { name: "keeps", head: said.keeps, cell: (one) => said.controls(one.method, one.controls) },
        ]}
      />
    </div>
  );
}

export function decidedText({ decided, traces, planned, looks, planned_looks, error_rate }: Sequential): string {
  return words().decided(decided, number(traces), number(planned), number(looks.length), number(planned_looks), significant(error_rate));
}

/** |t|, where null is infinite. */
export function height(t: number | null, digits = 1): string {
  return t === null ? "∞" : number(Math.abs(t), digits);
}
