/** What is under the cursor, in exact numbers; where a point stands for many samples it says so. */

import { Button } from "../../../design/button";
import { number } from "../../../i18n/format";
import type { CurveName } from "../types";
import { words } from "../words";
import { type Code, addressText, instructionText, lineText } from "./code-map";
import { CURVES, type Frame } from "./curves";
import type { Wave } from "./state";

const SIGNS: Record<CurveName, string> = { t1: "t", t2: "t₂", rho: "|ρ|", snr: "SNR", mean: "" };
const DIGITS: Record<CurveName, number> = { t1: 2, t2: 2, rho: 3, snr: 3, mean: 3 };

export function Readout({ wave, frame, base, code, unit }: { wave: Wave; frame: Frame; base: Frame; code: Code; unit: string }) {
  const said = words();
  const selection = wave.selection.value;
  const pinned = wave.pinned.value;
  const sample = wave.cursor.value ?? pinned?.sample ?? null;
  // Frames may be thinned for the screen: where the report has every sample, the value is that sample's.
  const exact = base.stride === 1 ? base : frame;
  const at = sample === null ? -1 : Math.floor((sample - exact.from) / exact.stride);
  const pc = exact.pcs[at];
  const place = pc === undefined ? null : code.placeOf(pc);
  const name = pc === undefined ? null : (code.functions[code.functionOf(pc)] ?? null);
  return (
    <div class="wave-readout small">
      <div class="wave-values" aria-live="polite">
        {sample === null || pc === undefined ? (
          <span class="dim">{said.hints}</span>
        ) : (
          <>
            <span>
              {said.sample} <b>{number(sample)}</b>
            </span>
            {exact.stride > 1 && <span class="dim">{said.bucketOf(number(exact.stride))}</span>}
            {CURVES.map((curve) => {
              const values = exact.curves[curve];
              if (values === undefined || at >= values.low.length) return null;
              return (
                <span key={curve}>
                  {curve === "mean" ? said.powerWord : SIGNS[curve]} <b>{range(values.low[at] ?? 0, values.high[at] ?? 0, DIGITS[curve])}</b>
                  {curve === "mean" && <span class="dim"> {unit}</span>}
                </span>
              );
            })}
            {place?.mnemonic !== "samples" && <span class="mono">{addressText(pc)}</span>}
            {place && <span class="mono wave-instruction">{instructionText(place)}</span>}
            {name && <span>{name}</span>}
            {place && <span class="dim">{lineText(place)}</span>}
          </>
        )}
      </div>
      <div class="wave-chosen">
        {selection !== null && (
          <>
            <span class="badge accent">{said.selected(number(selection.from), number(selection.to - 1), number(selection.to - selection.from))}</span>
            <Button small tone="quiet" onClick={() => wave.show(selection.from, selection.to)}>
              {said.zoomTo}
            </Button>
          </>
        )}
        {pinned !== null && <span class="badge accent">{said.pinned(pinned.name)}</span>}
        {(pinned !== null || selection !== null) && (
          <Button
            small
            tone="quiet"
            icon="cross"
            onClick={() => {
              wave.pin(null);
              wave.select(null);
            }}
          >
            {said.clear}
          </Button>
        )}
      </div>
    </div>
  );
}

function range(low: number, high: number, digits: number): string {
  const write = (value: number) => (Number.isFinite(value) ? number(value, digits) : value > 0 ? "+∞" : "−∞");
  if (low === -Infinity && high === Infinity) return "∞";
  return low === high ? write(low) : `${write(low)} … ${write(high)}`;
}
