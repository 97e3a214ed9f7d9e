/** Pairs of samples that together depend on the inputs: both instructions of each, worst first. */

import { useState } from "preact/hooks";

import { Badge } from "../../../design/badge";
import { Button } from "../../../design/button";
import { Card } from "../../../design/card";
import { number, probability } from "../../../i18n/format";
import type { Report } from "../types";
import type { Bivariate, Pair } from "../types-parts";
import { addressText } from "../wave/code-map";
import type { Wave } from "../wave/state";
import { words } from "../words";
import { PlaceButton, whereText } from "./place";
import { height } from "./tests";

const STEP = 25;

export function PairsCard({ report, wave, onShow }: { report: Report; wave: Wave; onShow: () => void }) {
  const said = words();
  const found = report.bivariate ?? null;
  const [shown, setShown] = useState(STEP);
  if (found === null) return null;
  const show = (pair: Pair, at: 0 | 1) => {
    wave.pin({
      addresses: [pair.first.address, pair.second.address],
      name: `${addressText(pair.first.address)} ${said.together} ${addressText(pair.second.address)}`,
      sample: pair.samples[at],
    });
    onShow();
  };
  return (
    <Card
      title={said.pairs}
      note={noteOf(found)}
      flush={found.top.length > 0}
      actions={<Badge tone={found.confirmed > 0 ? "bad" : "good"}>{said.confirmedPairs(number(found.confirmed))}</Badge>}
    >
      {found.top.length === 0 ? (
        <p class="dim">{said.noPairs}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={said.pairs}>
          <table class="table constant-table">
            <caption class="sr">{said.pairs}</caption>
            <thead>
              <tr>
                <th scope="col" class="num">
                  |t|
                </th>
                <th scope="col" class="num">
                  {said.adjustedP}
                </th>
                <th scope="col">{said.oneInstruction}</th>
                <th scope="col">{said.otherInstruction}</th>
                <th scope="col" class="num">
                  {said.samples}
                </th>
                <th scope="col">{said.halves}</th>
              </tr>
            </thead>
            <tbody>
              {found.top.slice(0, shown).map((pair) => (
                <tr key={pair.samples.join()}>
                  <td class="num">
                    <b>{height(pair.t)}</b>
                  </td>
                  <td class="num">{probability(pair.p_adjusted_log10)}</td>
                  {([pair.first, pair.second] as const).map((place, at) => (
                    <td key={at}>
                      <PlaceButton place={place} onShow={() => show(pair, at === 0 ? 0 : 1)} />
                      <div class="small dim">{whereText(place)}</div>
                    </td>
                  ))}
                  <td class="num">
                    {number(pair.samples[0])}, {number(pair.samples[1])}
                  </td>
                  <td>{pair.confirmed ? said.bothHalves : said.notBothHalves}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {found.top.length > shown && (
            <div class="finding-more">
              <Button tone="quiet" small icon="down" onClick={() => setShown(shown + 2 * STEP)}>
                {said.moreFindings(number(found.top.length - shown))}
              </Button>
            </div>
          )}
        </div>
      )}
    </Card>
  );
}

function noteOf(found: Bivariate): string {
  const said = words();
  const { window, pairs, over_threshold, over_corrected, corrected_threshold, confirmed, excluded_pairs } = found;
  const told = said.pairsOf(number(pairs), number(window[0]), number(window[1]), number(over_threshold), number(over_corrected), number(corrected_threshold, 2), number(confirmed));
  return excluded_pairs > 0 ? `${told} ${said.excludedPairs(number(excluded_pairs))}` : told;
}
