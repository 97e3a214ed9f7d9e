/** What an attack predicted, what it took for granted, where it looked, and the key that follows. */

import { CopyButton } from "../../../design/copy";
import { Fact } from "../../../design/facts";
import { Icon } from "../../../design/icon";
import { number, significant } from "../../../i18n/format";
import type { Cpa, KeyByte, Report } from "../types";
import { words } from "../words";

export function AttackFacts({ report, cpa }: { report: Report; cpa: Cpa }) {
  const said = words();
  const { what, of, assumes, chosen, window, conditional, master_key, snr_absent } = cpa;
  const snr = report.max_snr === null ? (snr_absent ?? "∞") : significant(report.max_snr, 3);
  return (
    <div class="attack-facts">
      {conditional && (
        <p class="campaign-note warm">
          <Icon name="alert" />
          <span>{said.conditional}</span>
        </p>
      )}
      <dl class="facts">
        {what && <Fact name={said.predicted}>{what}</Fact>}
        {of && of !== "key" && <Fact name={said.bytesOf}>{of}</Fact>}
        <Fact name={said.attacked}>{said.fromTo(number(window[0]), number(window[1]))}</Fact>
        {chosen && <Fact name={said.chosenBy}>{said.pilot(number(chosen.traces), number(chosen.threshold, 1), number(chosen.flagged), number(chosen.compared))}</Fact>}
        <Fact name={said.largestSnr}>{snr}</Fact>
        {assumes && <Fact name={said.takenAsFound}>{assumes}</Fact>}
        {master_key && (
          <Fact name={said.keyThatFollows}>
            <span class="mono">{master_key}</span> <CopyButton text={master_key} />
          </Fact>
        )}
      </dl>
    </div>
  );
}

/** What a byte is called, where its number does not say it: bytes of words, of a last round key. */
export function nameOf(byte: KeyByte): string | null {
  return byte.name === null || byte.name === undefined || byte.name === `key byte ${byte.index}` ? null : byte.name;
}
