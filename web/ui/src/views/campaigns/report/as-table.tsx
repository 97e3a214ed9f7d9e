/** The waveform in words and numbers: for whoever cannot see it, or wants to read it. */

import { useMemo } from "preact/hooks";

import { Table } from "../../../design/table";
import { number } from "../../../i18n/format";
import type { Report } from "../types";
import type { Code } from "../wave/code-map";
import type { Frame } from "../wave/curves";
import { words } from "../words";

interface Part {
  readonly name: string;
  samples: number;
  leaking: number;
  worst: number;
  at: number;
}

export function AsTable({ report, base, code }: { report: Report; base: Frame; code: Code }) {
  const said = words();
  const parts = useMemo(() => partsOf(base, code, said.noSymbol), [base, code, said]);
  return (
    <details class="campaign-details wave-table">
      <summary>{said.asTable}</summary>
      <p class="small dim">{base.stride > 1 ? said.tableThinned(number(base.stride)) : said.tableExact(number(report.alignment.samples))}</p>
      <Table
        caption={said.asTable}
        rows={parts}
        keyOf={(part) => part.name}
        columns={[
          { name: "function", head: said.function, cell: (part) => part.name },
          { name: "samples", head: said.samples, numeric: true, cell: (part) => number(part.samples) },
          { name: "leaking", head: said.over, numeric: true, cell: (part) => number(part.leaking) },
          { name: "worst", head: said.worst, numeric: true, cell: (part) => (Number.isFinite(part.worst) ? number(part.worst, 2) : "∞") },
          { name: "at", head: said.atSample, numeric: true, cell: (part) => number(part.at) },
        ]}
      />
    </details>
  );
}

function partsOf(base: Frame, code: Code, noSymbol: string): Part[] {
  const found = new Map<string, Part>();
  const curve = base.curves.t1 ?? base.curves.rho;
  for (let at = 0; at < base.pcs.length; at += 1) {
    const name = code.functions[code.functionOf(base.pcs[at] ?? 0)] ?? noSymbol;
    const part = found.get(name) ?? { name, samples: 0, leaking: 0, worst: 0, at: at * base.stride };
    const value = Math.max(Math.abs(curve?.low[at] ?? 0), Math.abs(curve?.high[at] ?? 0));
    part.samples += Math.min(base.stride, base.to - at * base.stride);
    if (value > 4.5 && base.curves.t1 !== undefined) part.leaking += 1;
    if (value > part.worst) [part.worst, part.at] = [value, at * base.stride];
    found.set(name, part);
  }
  return [...found.values()].sort((a, b) => b.worst - a.worst);
}
