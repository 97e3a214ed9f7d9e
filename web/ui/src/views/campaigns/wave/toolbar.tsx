/** What is shown of the waveform, and how one moves in it. */

import { Button } from "../../../design/button";
import type { CurveName } from "../types";
import { words } from "../words";
import type { Frame } from "./curves";
import type { Mode, Wave } from "./state";

const UPPER_CURVES: readonly CurveName[] = ["t1", "t2", "rho", "snr"];
const MODES: readonly Mode[] = ["select", "zoom", "pan"];

export function Toolbar({ wave, base }: { wave: Wave; base: Frame }) {
  const said = words();
  const there = UPPER_CURVES.filter((name) => base.curves[name] !== undefined || name === "t1");
  return (
    <div class="wave-tools">
      <div class="segments" role="group" aria-label={said.curve}>
        {there.map((name) => (
          <Button key={name} small aria-pressed={wave.curve.value === name} onClick={() => (wave.curve.value = name)}>
            {said.curveShort(name)}
          </Button>
        ))}
      </div>
      <label class="check small">
        <input type="checkbox" checked={wave.compressed.value} onChange={(event) => (wave.compressed.value = event.currentTarget.checked)} />
        {said.compress}
      </label>
      <span class="grow" />
      <div class="segments" role="group" aria-label={said.dragging}>
        {MODES.map((mode) => (
          <Button key={mode} small aria-pressed={wave.mode.value === mode} title={said.modeHint(mode)} onClick={() => (wave.mode.value = mode)}>
            {said.mode(mode)}
          </Button>
        ))}
      </div>
      <div class="row wave-zoom">
        <Button small bare icon="minus" onClick={() => wave.zoom(2)}>
          {said.zoomOut}
        </Button>
        <Button small bare icon="plus" onClick={() => wave.zoom(0.5)}>
          {said.zoomIn}
        </Button>
        <Button small disabled={wave.whole} onClick={() => wave.fit()}>
          {said.fit}
        </Button>
      </div>
    </div>
  );
}
