/** Success and guessing entropy against the traces of an attack, with the intervals over attacks that share no trace. */

import { Card } from "../../design/card";
import { type Curve, LinePlot, type Tone } from "../../design/line-plot";
import { around } from "../../design/plot";
import { Table } from "../../design/table";
import { number, percent } from "../../i18n/format";
import { estimateText } from "./parts";
import type { AttackPoint, Estimate, ProfileMethod } from "./types";
import { words } from "./words";

const TONES: Readonly<Record<string, Tone>> = { templates: "hot", stochastic: "accent" };
/** Bits left per byte without knowing anything: the mean of log2(rank + 1) over 256 ranks is 6.6, and 8 is the worst. */
const MOST_BITS = 8;

export function ProfileCurves({ methods, order }: { methods: readonly ProfileMethod[]; order: number }) {
  const said = words();
  const drawn = methods.filter(({ curve }) => curve.length > 0);
  const x = around(drawn.flatMap(({ curve }) => curve.map(({ traces }) => traces)), true);
  if (x === null) {
    return (
      <Card title={said.curves}>
        <p class="dim">{said.noCurves(methods.find((one) => one.curve_absent !== null)?.curve_absent ?? said.unknown)}</p>
      </Card>
    );
  }
  const shared = { x, xName: said.tracesOfAttack, xText: (value: number) => number(value) };
  const success = drawn.flatMap((one): Curve[] => {
    const { band: _band, ...ofOrder } = curveOf(one, said.orderOf(said.methodName(one.method), number(order)), (point) => point.success_order);
    return [curveOf(one, said.methodName(one.method), (point) => point.success), { ...ofOrder, dashed: true, dots: false }];
  });
  const entropy = drawn.map((one) => curveOf(one, said.methodName(one.method), (point) => point.guessing_entropy));
  return (
    <Card title={said.curves} note={said.curvesNote} flush>
      <div class="outcome-plots">
        <section>
          <h3>{said.successRate}</h3>
          <LinePlot label={said.successPlot} curves={success} y={{ low: 0, high: 1 }} yText={(value) => percent(value)} {...shared} />
        </section>
        <section>
          <h3>{said.guessingEntropy}</h3>
          <LinePlot label={said.entropyPlot} curves={entropy} y={{ low: 0, high: MOST_BITS }} yText={(value) => number(value, 1)} {...shared} />
        </section>
      </div>
      {drawn.map((one) => (
        <details class="outcome-details" key={one.method}>
          <summary>{said.asTable(said.methodName(one.method))}</summary>
          <Table
            caption={said.asTable(said.methodName(one.method))}
            rows={one.curve}
            keyOf={(point) => String(point.traces)}
            columns={[
              { name: "traces", head: said.traces, numeric: true, cell: (point) => number(point.traces) },
              { name: "attacks", head: said.attacks, numeric: true, cell: (point) => number(point.attacks) },
              { name: "success", head: said.allRight, numeric: true, cell: (point) => estimateText(point.success) },
              { name: "order", head: said.allAmong(number(order)), numeric: true, cell: (point) => estimateText(point.success_order) },
              { name: "bytes", head: said.bytesRight, numeric: true, cell: (point) => estimateText(point.bytes_right) },
              { name: "entropy", head: said.entropyBits, numeric: true, cell: (point) => estimateText(point.guessing_entropy) },
              { name: "rank", head: said.meanRank, numeric: true, cell: (point) => number(point.mean_rank, 1) },
            ]}
          />
        </details>
      ))}
    </Card>
  );
}

export function curveOf({ method, curve }: ProfileMethod, name: string, of: (point: AttackPoint) => Estimate): Curve {
  return {
    name,
    tone: TONES[method] ?? "trace",
    dots: true,
    points: curve.map((point) => [point.traces, of(point).value]),
    band: curve.map((point) => {
      const { low, high } = of(point);
      return low === null || high === null ? null : [low, high];
    }),
  };
}
