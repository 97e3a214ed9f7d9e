/** What depends on declared secrets: executions compared that differ in nothing else. */

import type { ComponentChildren } from "preact";

import { Badge, type BadgeTone } from "../../../design/badge";
import { Card } from "../../../design/card";
import { Facts } from "../../../design/facts";
import { number, probability, significant } from "../../../i18n/format";
import type { Dependence, Parting, Place, Report } from "../types";
import type { SecretAddress, SecretCheck, SecretWay } from "../types-parts";
import { addressText, instructionText, lineText } from "../wave/code-map";
import type { Wave } from "../wave/state";
import { words } from "../words";
import { Parted } from "./constant-time";
import { CyclesTable } from "./cycles";
import { PlaceButton, type Show, whereText } from "./place";

const SHOWN = 200;
const TONES: Record<SecretCheck["verdict"], BadgeTone> = { "constant-time": "good", leaks: "bad", undecided: "warm" };

export function SecretsCard({ report, wave, onShow }: { report: Report; wave: Wave; onShow: () => void }) {
  const said = words();
  const found = report.secrets ?? null;
  if (found === null) return null;
  const show: Show = (place) => {
    wave.pin({ addresses: [place.address], name: addressText(place.address), sample: null });
    onShow();
  };
  return (
    <Card
      title={said.secrets}
      note={[said.secretNote(found.secrets.join(", ")), `${found.why}.`].join(" ")}
      flush
      actions={
        <div class="row">
          <Badge tone={TONES[found.verdict]}>{said.secretVerdict(found.verdict)}</Badge>
          {found.proven && (
            <Badge tone="good" icon="shield">
              {said.provenBadge}
            </Badge>
          )}
        </div>
      }
    >
      <Compared found={found} />
      {found.ways.length + found.addresses.length + found.operands.length > 0 && <Listed found={found} onShow={show} />}
      {found.cycles.length > 0 && <CyclesTable tests={found.cycles} onShow={show} />}
      {found.open.length > 0 && <Open listed={found.open} onShow={show} />}
    </Card>
  );
}

/** What was compared, and how far it carries. */
function Compared({ found }: { found: SecretCheck }) {
  const said = words();
  const facts: [string, string | null][] = [
    [said.comparedExecutions, number(found.executions)],
    [said.chosenSecrets, number(found.chosen)],
    [said.publicValues, found.public.length > 0 ? said.valuesOf(number(found.values), found.public.join(", ")) : number(found.values)],
    [said.masks, found.masks.length > 0 ? found.masks.join(", ") : null],
    [said.errorRate, found.error_rate === null ? null : significant(found.error_rate)],
    [said.dataCache, found.cache && said.cacheOf(number(found.cache.sets), number(found.cache.ways), number(found.cache.line_bytes), number(found.cache.miss_cycles))],
    [said.endedBadly, found.failed > 0 ? number(found.failed) : null],
    [said.proof, found.proven ? said.proven : said.unproven(found.unproven ?? "")],
  ];
  return <Facts class="part-facts" facts={facts} />;
}

function Listed({ found, onShow }: { found: SecretCheck; onShow: Show }) {
  const said = words();
  return (
    <div class="scroll part" tabIndex={0} role="region" aria-label={said.secrets}>
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
          {found.ways.slice(0, SHOWN).map((way) => (
            <Line key={`way-${way.place.address}`} kind="branch" one={way} onShow={onShow}>
              <Ways way={way} onShow={onShow} />
              <Chance p={way.p_log10} />
            </Line>
          ))}
          {found.addresses.slice(0, SHOWN).map((one) => (
            <Line key={`${one.kind}-${one.place.address}`} kind={one.kind} one={one} onShow={onShow}>
              {addressesText(one)}
              <Chance p={one.p_log10} />
            </Line>
          ))}
          {found.operands.slice(0, SHOWN).map((one) => (
            <Line key={`operand-${one.place.address}`} kind={one.kind} one={one} onShow={onShow}>
              {said.longerForSome}
            </Line>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LineOf {
  readonly place: Place;
  readonly parting: readonly Parting[];
  readonly public: string | null;
}

function Line({ kind, one, onShow, children }: { kind: string; one: LineOf; onShow: Show; children: ComponentChildren }) {
  const said = words();
  return (
    <tr>
      <td>
        {said.dependence(kind)}
        {one.public !== null && <span class="dim small"> · {said.public(one.public)}</span>}
      </td>
      <td>
        <PlaceButton place={one.place} onShow={onShow} />
      </td>
      <td>{whereText(one.place)}</td>
      <td class="went">{children}</td>
      <td>
        <Parted parting={one.parting} />
      </td>
    </tr>
  );
}

/** Where executions went from here: each way with the source line and the instruction that it begins with. */
function Ways({ way, onShow }: { way: SecretWay; onShow: Show }) {
  const said = words();
  return (
    <ul>
      {way.ways.map(({ place, executions }) => (
        <li key={place?.address ?? "end"}>
          {said.wentTo(number(executions))}{" "}
          {place === null ? (
            said.theirEnd
          ) : (
            <button type="button" class="link" onClick={() => onShow(place)} title={addressText(place.address)}>
              {lineText(place) || addressText(place.address)} <span class="mono small">{instructionText(place)}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Chance({ p }: { p: number | null }) {
  return p === null ? null : <div class="small dim">p {probability(p)}</div>;
}

export function addressesText(one: SecretAddress): string {
  const said = words();
  const told = said.elsewhere(number(one.executions), number(one.compared), addressText(one.span[0]), addressText(one.span[1]));
  if (one.other_lines === null) return told;
  if (one.other_lines === 0) return `${told}, ${said.sameLine}`;
  const lines = `${told}, ${said.otherLines(number(one.other_lines))}`;
  return one.extra_cycles === null ? lines : `${lines}, ${said.extraCycles(number(one.extra_cycles[0]), number(one.extra_cycles[1]))}`;
}

/** Computed from secrets and yet the same in all executions: no finding, and the reason why nothing is proven. */
function Open({ listed, onShow }: { listed: readonly Dependence[]; onShow: Show }) {
  const said = words();
  return (
    <details class="campaign-details part-details">
      <summary>{said.openTitle(number(listed.length))}</summary>
      <p class="small dim">{said.openNote}</p>
      <ul class="part-list">
        {listed.slice(0, SHOWN).map((one) => (
          <li key={`${one.kind}-${one.place.address}`}>
            {said.dependence(one.kind)}: <PlaceButton place={one.place} onShow={onShow} /> <span class="small dim">{whereText(one.place)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
