/** What an attacker gets: every key byte with its rank, and how the ranks fell with the traces. */

import type uPlot from "uplot";
import { useEffect, useRef, useState } from "preact/hooks";

import { Badge } from "../../../design/badge";
import { Card } from "../../../design/card";
import { number } from "../../../i18n/format";
import type { Cpa, KeyByte, LiveKey, Report } from "../types";
import { charts } from "../wave/chart";
import { FONT } from "../wave/chart";
import { palette } from "../wave/palette";
import type { Wave } from "../wave/state";
import { spotText } from "../wave/code-map";
import { words } from "../words";
import { AttackFacts, nameOf } from "./attack";

const HEIGHT = 268;

export function KeyCard({ report, cpa, wave }: { report: Report; cpa: Cpa; wave: Wave }) {
  const said = words();
  const [chosen, choose] = useState<number | null>(null);
  const pick = (byte: KeyByte) => {
    choose(byte.index);
    wave.curve.value = "rho";
    wave.pin({ addresses: [byte.place.address], name: spotText(byte.place), sample: byte.sample });
  };
  const recovered = cpa.recovered ?? cpa.confident;
  return (
    <Card title={said.key} note={said.keyNote(cpa.intermediate, number(cpa.traces), number(cpa.noise_floor, 4))} flush actions={<Badge tone={cpa.conditional ? "warm" : recovered > 0 ? "bad" : "good"}>{cpa.key_known ? said.recovered(`${recovered}/${cpa.bytes.length}`) : said.standOut(`${recovered}/${cpa.bytes.length}`)}</Badge>}>
      <AttackFacts report={report} cpa={cpa} />
      <div class="key-parts">
        <div class="scroll" tabIndex={0} role="region" aria-label={said.key}>
          <table class="table key-table">
            <caption class="sr">{said.key}</caption>
            <thead>
              <tr>
                <th scope="col" class="num">
                  {said.byte}
                </th>
                <th scope="col">{said.bestGuess}</th>
                {cpa.key_known && (
                  <>
                    <th scope="col">{said.trueValue}</th>
                    <th scope="col" class="num">
                      {said.rank}
                    </th>
                  </>
                )}
                <th scope="col">{said.rhoInterval}</th>
                <th scope="col">{said.where}</th>
                {cpa.key_known && (
                  <th scope="col" class="num">
                    {said.fromTraces}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {cpa.bytes.map((byte) => (
                <tr key={byte.index} class={chosen === byte.index ? "chosen" : ""} onMouseEnter={() => choose(byte.index)}>
                  <td class="num">
                    {byte.index}
                    {nameOf(byte) !== null && <div class="key-name small dim">{nameOf(byte)}</div>}
                  </td>
                  <td>
                    <span class="mono">{hex(byte.best_guess)}</span> <span class="small dim">{byte.model}</span>
                  </td>
                  {cpa.key_known && (
                    <>
                      <td class="mono">{byte.true_value === null ? "–" : hex(byte.true_value)}</td>
                      <td class="num">
                        <b class={byte.rank === 0 ? "rank-0" : ""}>{byte.rank === null ? "–" : number(byte.rank)}</b>
                      </td>
                    </>
                  )}
                  <td>
                    <Interval byte={byte} floor={cpa.noise_floor} />
                  </td>
                  <td>
                    <button type="button" class="link" onClick={() => pick(byte)} title={spotText(byte.place)}>
                      {byte.place.function ?? spotText(byte.place)}
                      {byte.place.line !== null && `:${byte.place.line}`}
                    </button>
                  </td>
                  {cpa.key_known && <td class="num">{byte.traces_to_recover === null ? "–" : number(byte.traces_to_recover)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {cpa.key_known && cpa.checkpoints.length > 1 && <Convergence cpa={cpa} chosen={chosen} />}
      </div>
    </Card>
  );
}

/** |ρ| with its 95 % interval, the best wrong guess as a ring, the noise floor dashed. */
function Interval({ byte, floor }: { byte: KeyByte; floor: number }) {
  const [low, high] = [Math.abs(byte.rho_low), Math.abs(byte.rho_high)].sort((a, b) => a - b) as [number, number];
  const crosses = byte.rho_low <= 0 && byte.rho_high >= 0;
  const at = (value: number) => `${Math.min(100, 100 * value)}%`;
  return (
    <span class="rho" title={`${number(byte.rho, 4)} (${number(byte.rho_low, 4)} … ${number(byte.rho_high, 4)})`}>
      <span class="rho-track" aria-hidden="true">
        <i class="rho-floor" style={{ left: at(floor) }} />
        <i class="rho-bar" style={{ left: at(crosses ? 0 : low), right: `calc(100% - ${at(high)})` }} />
        <i class="rho-second" style={{ left: at(byte.second_rho) }} />
        <i class="rho-best" style={{ left: at(Math.abs(byte.rho)) }} />
      </span>
      <span class="num">{number(Math.abs(byte.rho), 3)}</span>
    </span>
  );
}

function Convergence({ cpa, chosen }: { cpa: Cpa; chosen: number | null }) {
  const said = words();
  const home = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const colors = palette();
  useEffect(() => {
    let gone = false;
    const element = home.current;
    if (element === null) return undefined;
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    void charts().then((make) => {
      if (gone) return;
      const bits = (rank: number | null) => Math.log2((rank ?? 0) + 1);
      const line = { points: { show: false } };
      plot.current = new make(
        {
          width: element.clientWidth,
          height: HEIGHT,
          padding: [14, 26, 0, 0],
          legend: { show: false },
          cursor: { show: false },
          scales: { x: { time: false, distr: 3, range: [cpa.checkpoints[0] ?? 1, cpa.checkpoints.at(-1) ?? 2] }, y: { range: [0, 8.2] } },
          axes: [
            {
              stroke: colors.dim,
              font: FONT,
              grid: { show: false },
              ticks: { stroke: colors.line },
              splits: () => thinned(cpa.checkpoints),
              filter: (_u, splits) => splits,
              values: (_u, splits) => splits.map((value) => number(value)),
            },
            {
              stroke: colors.dim,
              font: FONT,
              size: 44,
              grid: { stroke: colors.line, width: 1 },
              ticks: { show: false },
              splits: () => [0, 1, 2, 3, 4, 5, 6, 7, 8],
              values: (_u, splits) => splits.map((value) => String(2 ** value - 1)),
            },
          ],
          series: [
            {},
            ...cpa.bytes.map((byte) => ({ ...line, stroke: byte.index === chosen ? colors.accent : colors.trace, width: byte.index === chosen ? 2.4 : 1, alpha: byte.index === chosen ? 1 : 0.5 })),
            ...(cpa.guessing_entropy === null ? [] : [{ ...line, stroke: colors.hot, width: 2.2 }]),
          ],
        },
        [
          [...cpa.checkpoints],
          ...cpa.bytes.map((byte) => byte.ranks.map(bits)),
          ...(cpa.guessing_entropy === null ? [] : [[...cpa.guessing_entropy]]),
        ],
        element,
      );
      sizes.observe(element);
    });
    return () => {
      gone = true;
      sizes.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [cpa, chosen, colors]);
  return (
    <figure class="key-plot">
      <figcaption class="small dim">
        {said.convergence} <span class="key-legend entropy">{said.guessingEntropy}</span>
        <span class="key-legend bytes">{said.eachByte}</span>
      </figcaption>
      <div ref={home} style={{ height: `${HEIGHT}px` }} aria-hidden="true" />
      <p class="sr">{cpa.bytes.map((byte) => said.byteFell(String(byte.index), byte.traces_to_recover === null ? null : number(byte.traces_to_recover))).join(" ")}</p>
    </figure>
  );
}

/** Ranks while the campaign runs, over the traces of one shard. */
export function LiveRanks({ ranks }: { ranks: LiveKey }) {
  const said = words();
  return (
    <Card title={said.key} note={said.liveKeyNote(number(ranks.traces))}>
      <ol class="live-ranks">
        {ranks.ranks.map((rank, at) => (
          <li key={at} class={rank === 0 ? "found" : ""}>
            <span class="dim small">{at}</span>
            <b>{rank === null ? ranks.best.slice(2 * at, 2 * at + 2) : number(rank)}</b>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function thinned(checkpoints: readonly number[]): number[] {
  const step = Math.ceil(checkpoints.length / 5);
  return [...checkpoints].reverse().filter((_, at) => at % step === 0).reverse();
}

function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
