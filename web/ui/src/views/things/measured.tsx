import { Badge } from "../../design/badge";
import type { Json } from "../../api/types";
import { figure, contradict, scaleOf, type Reading } from "./figures";
import { batchName } from "./titles";
import type { Measured } from "./types";
import { words } from "./words";

/** Figures that batches measure, in the order in which they are shown. */
const FIGURES = ["avg_energy", "energy_sd", "avg_temperature", "max_latency", "sample_count", "avg_power", "max_abs_t", "max_abs_rho", "executions"];

/** What each batch says of an instruction, side by side; where two contradict each other, that is said. */
export function MeasuredTable({ measured, names }: { measured: readonly Measured[]; names: ReadonlyMap<string, string> }) {
  const said = words();
  if (measured.length === 0) return null;
  const rows = FIGURES.filter((name) => measured.some((batch) => typeof batch.figures[name] === "number"));
  const readings = measured.map((batch) => reading(batch.figures));
  const disputed = readings.some((one, at) => readings.slice(at + 1).some((other) => one && other && contradict(one, other)));
  return (
    <section class="thing-part">
      <h4>{said.measured}</h4>
      <p class="dim small">{said.measuredNote}</p>
      {disputed && (
        <p class="row small">
          <Badge tone="warm" icon="alert">
            {said.contradict}
          </Badge>
          <span class="dim">{said.contradictHint}</span>
        </p>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label={said.measured}>
        <table class="table measured">
          <thead>
            <tr>
              <th scope="col">{said.figure}</th>
              {measured.map((batch) => (
                <th scope="col" class="num" key={batch.batch} title={batch.batch}>
                  <span class="measured-batch clip">{names.get(batch.batch) ?? batchName(batch.batch)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((name) => {
              const values = measured.map((batch) => asNumber(batch.figures[name]));
              const { by, unit } = scaleOf(name, values.filter((value) => value !== null));
              return (
                <tr key={name} class={disputed && name === "avg_energy" ? "disputed" : ""}>
                  <th scope="row">
                    {said.property(name)}
                    {unit && <span class="dim"> {unit}</span>}
                  </th>
                  {values.map((value, at) => (
                    <td class="num" key={measured[at]?.batch}>
                      {value === null ? <span class="dim">–</span> : figure(value / by)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function reading(figures: Readonly<Record<string, Json>>): Reading | null {
  const mean = asNumber(figures.avg_energy);
  return mean === null ? null : { mean, sd: asNumber(figures.energy_sd), samples: asNumber(figures.sample_count) };
}

function asNumber(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}
