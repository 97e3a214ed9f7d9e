/** What depends on declared secrets: executions compared that differ in nothing else. */

import type { ComponentChildren } from "preact";

import { Badge, type BadgeTone } from "../../../design/badge";
import { Card } from "../../../design/card";
import { number } from "../../../i18n/format";
import type { Parting, Place, Report, SecretAddress, SecretCheck, SecretWay } from "../types";
import { addressText, instructionText, lineText } from "../wave/code-map";
import type { Wave } from "../wave/state";
import { words } from "../words";
import { Parted } from "./constant-time";

const SHOWN = 200;
const TONES: Record<SecretCheck["verdict"], BadgeTone> = { "constant-time": "good", leaks: "bad", undecided: "warm" };

export function SecretsCard({ report, wave, onShow }: { report: Report; wave: Wave; onShow: () => void }) {
  const said = words();
  const found = report.secrets ?? null;
  if (found === null) return null;
  const lines = found.ways.length + found.addresses.length + found.operands.length;
  const show = (place: Place) => {
    wave.pin({ addresses: [place.address], name: addressText(place.address), sample: null });
    onShow();
  };
  return (
    <Card
      title={said.secrets}
      note={[said.secretNote(found.secrets.join(", ")), found.proven ? said.proven : said.unproven(found.unproven ?? "")].join(" ")}
      flush={lines > 0}
      actions={<Badge tone={TONES[found.verdict]}>{said.secretVerdict(found.verdict)}</Badge>}
    >
      {lines === 0 ? (
        <p class="dim">{found.why}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={said.secrets}>
          <table class="table constant-table">
            <caption class="sr">{said.secrets}</caption>
            <thead>
              <tr>
                <th scope="col">{said.dependsBy}</th>
                <th scope="col">{said.instruction}</th>
                <th scope="col">{said.where}</th>
                <th scope="col">{said.went}</th>
                <th scope="col">{said.partHere}</th>
              </tr>
            </thead>
            <tbody>
              {found.ways.map((way) => (
                <Line key={`way-${way.place.address}`} kind="branch" one={way} onShow={show}>
                  {wentText(way)}
                </Line>
              ))}
              {found.addresses.slice(0, SHOWN).map((one) => (
                <Line key={`${one.kind}-${one.place.address}`} kind={one.kind} one={one} onShow={show}>
                  {addressesText(one)}
                </Line>
              ))}
              {found.operands.slice(0, SHOWN).map((one) => (
                <Line key={`operand-${one.place.address}`} kind={one.kind} one={one} onShow={show}>
                  {said.longerForSome}
                </Line>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

interface LineOf {
  readonly place: Place;
  readonly parting: readonly Parting[];
  readonly public: string | null;
}

function Line({ kind, one, onShow, children }: { kind: string; one: LineOf; onShow: (place: Place) => void; children: ComponentChildren }) {
  const said = words();
  const { place } = one;
  return (
    <tr>
      <td>
        {said.dependence(kind)}
        {one.public !== null && <span class="dim small"> · {said.public(one.public)}</span>}
      </td>
      <td>
        <button type="button" class="link mono" onClick={() => onShow(place)}>
          {addressText(place.address)} {instructionText(place)}
        </button>
      </td>
      <td>{[place.function, lineText(place)].filter(Boolean).join(" · ")}</td>
      <td>{children}</td>
      <td>
        <Parted parting={one.parting} />
      </td>
    </tr>
  );
}

function wentText({ ways }: SecretWay): string {
  const said = words();
  return ways.map((way) => said.wentTo(number(way.executions), way.place && (lineText(way.place) || addressText(way.place.address)))).join("; ");
}

function addressesText(one: SecretAddress): string {
  const said = words();
  const told = said.elsewhere(number(one.executions), number(one.compared));
  return one.other_lines ? `${told}, ${said.otherLines(number(one.other_lines))}` : told;
}
