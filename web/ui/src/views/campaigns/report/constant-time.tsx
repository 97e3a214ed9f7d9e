/** Ways and addresses that depend on the inputs: what a constant-time program has none of. */

import { useState } from "preact/hooks";

import { Badge } from "../../../design/badge";
import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { number } from "../../../i18n/format";
import type { ConstantTime, Dependence, Parting, Report } from "../types";
import { addressText, instructionText, lineText } from "../wave/code-map";
import type { Wave } from "../wave/state";
import { words } from "../words";

const STEP = 50;

export function ConstantTimeCard({ report, wave, onShow }: { report: Report; wave: Wave; onShow: () => void }) {
  const said = words();
  const found = report.constant_time ?? null;
  if (found === null) {
    // The card of secrets says it all.
    if (report.secrets) return null;
    return (
      <Card title={said.constantTime}>
        <p class="dim">{said.notLookedAt(report.constant_time_absent ?? said.notToldBefore)}</p>
      </Card>
    );
  }
  return <Listed found={found} wave={wave} onShow={onShow} />;
}

function Listed({ found, wave, onShow }: { found: ConstantTime; wave: Wave; onShow: () => void }) {
  const said = words();
  const [shown, setShown] = useState(STEP);
  const dependent = found.branches + found.addresses;
  return (
    <Card
      title={said.constantTime}
      note={noteOf(found)}
      flush={found.found.length > 0}
      actions={<Badge tone={found.branches > 0 ? "bad" : dependent > 0 ? "warm" : "good"}>{said.dependent(number(found.branches), number(found.addresses))}</Badge>}
    >
      {found.found.length === 0 ? (
        <p class="dim">{said.nothingDepends}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={said.constantTime}>
          <table class="table constant-table">
            <caption class="sr">{said.constantTime}</caption>
            <thead>
              <tr>
                <th scope="col">{said.dependsBy}</th>
                <th scope="col">{said.instruction}</th>
                <th scope="col">{said.where}</th>
                <th scope="col" class="num">
                  {said.times}
                </th>
                <th scope="col">{said.partHere}</th>
              </tr>
            </thead>
            <tbody>
              {found.found.slice(0, shown).map((one) => (
                <Line key={`${one.kind}-${one.place.address}`} one={one} of={found.looked_at} wave={wave} onShow={onShow} />
              ))}
            </tbody>
          </table>
          {found.found.length > shown && (
            <div class="finding-more">
              <Button tone="quiet" small icon="down" onClick={() => setShown(shown + 5 * STEP)}>
                {said.moreFindings(number(found.found.length - shown))}
              </Button>
            </div>
          )}
        </div>
      )}
    </Card>
  );
}

function Line({ one, of, wave, onShow }: { one: Dependence; of: number; wave: Wave; onShow: () => void }) {
  const said = words();
  const { place } = one;
  const show = () => {
    wave.pin({ addresses: [place.address], name: addressText(place.address), sample: null });
    onShow();
  };
  return (
    <tr>
      <td>
        {said.dependence(one.kind)}
        {one.public !== null && <span class="dim small"> · {said.public(one.public)}</span>}
      </td>
      <td>
        <button type="button" class="link mono" onClick={show}>
          {addressText(place.address)} {instructionText(place)}
        </button>
      </td>
      <td>{[place.function, lineText(place)].filter(Boolean).join(" · ")}</td>
      <td class="num">{number(one.executions)}</td>
      <td>{one.parting.length === 0 ? <span class="dim">{said.nonePart(number(of))}</span> : <Parted parting={one.parting} />}</td>
    </tr>
  );
}

/** Inputs of two executions that went different ways, one above the other, byte below byte. */
export function Parted({ parting }: { parting: readonly Parting[] }) {
  return (
    <span class="parted mono">
      {parting.flatMap((part) => partedLines(part).map((line, at) => <span key={`${part.input}-${at}`}>{line}</span>))}
    </span>
  );
}

export function partedLines({ input, offset, one, other }: Parting): [string, string] {
  const name = offset > 0 ? `${input}[${offset}]` : input;
  return [`${name} = ${one}`, `${" ".repeat(name.length)} | ${other}`];
}

function noteOf({ varied, held }: ConstantTime): string {
  const said = words();
  return [said.varied(varied.join(", ")), held.length > 0 ? said.held(held.join(", ")) : "", said.addressIsNone].filter(Boolean).join(" ");
}
